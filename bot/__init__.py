"""The studio: people, chats, jobs, the queue and deliveries."""

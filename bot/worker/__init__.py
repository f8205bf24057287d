"""The process beside a GPU: takes jobs of the queue, paints them, reports, keeps the results.

``python -m bot.worker`` starts one.
"""

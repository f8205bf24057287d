INSERT INTO jobs (id, front, person, address, "order", created, answered) VALUES (
    'room-1a', 'room', 'room:you', '{}',
    '{"recipe": {"task": "transfer", "size": 256, "steps": 60, "content_weight": 1.0, "style_weight": 1000.0, "total_variation": 0.0, "blend": [], "init": "content", "seed": 0, "optimizer": "lbfgs", "pooling": "max", "encoder": "vgg19", "content_layers": ["relu4_2"], "style_layers": {"relu1_1": 0.2, "relu2_1": 0.2, "relu3_1": 0.2, "relu4_1": 0.2, "relu5_1": 0.2}}, "pictures": [{"key": "jobs/room-1a/picture-1", "name": "cat.png"}, {"key": "jobs/room-1a/picture-2", "name": "wave.png"}], "film": false}',
    '2026-11-20 08:00:00.000000', '2026-11-20 08:01:00.000000'
);

INSERT INTO jobs (id, front, person, address, "order", created, answered) VALUES (
    'test-2b', 'test', 'ann', '{"chat": 1}',
    '{"recipe": {"task": "texture", "size": 128, "steps": 60, "content_weight": 1.0, "style_weight": 1000.0, "total_variation": 0.0, "blend": [2.0, 1.0], "init": "noise", "seed": 7, "optimizer": "adam", "pooling": "average", "encoder": "vgg19", "content_layers": ["relu4_2"], "style_layers": {"relu1_1": 1.0}}, "pictures": [{"key": "jobs/test-2b/picture-1", "name": "wave.png"}, {"key": "jobs/test-2b/picture-2", "name": "dots.png"}], "film": true}',
    '2026-11-20 09:00:00.000000', NULL
);

INSERT INTO room_messages (author, text, pictures, job, ended, created) VALUES (
    'you', 'as a wave', '[{"url": "/media/room-1a/picture-1", "caption": "Content: cat.png"}]',
    NULL, NULL, '2026-11-20 08:00:00.000000'
);

INSERT INTO room_messages (author, text, pictures, job, ended, created) VALUES (
    'bot', 'Here is your painting: 256 × 170, done in a second.', '[]', 'room-1a',
    '{"id": "room-1a", "state": "done", "position": null, "wait": null, "progress": 1.0, "step": null, "steps": null, "preview": null, "result_url": "/media/room-1a/result.png", "film_url": null, "error": null, "width": 256, "height": 170}',
    '2026-11-20 08:00:00.000000'
);

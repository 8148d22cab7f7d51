-- append
INSERT INTO event (lead_id, type, at, learned_at, data, "key", depth) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT
    DO NOTHING RETURNING id;

-- append_many
INSERT INTO event (lead_id, type, depth) VALUES (?, ?, ?) ON CONFLICT DO NOTHING;

-- of_lead
SELECT event.id, event.lead_id, event.type, event.at, event.learned_at, event.data, event."key", event.depth,
    event.handled_at
FROM event
WHERE event.lead_id = ? ORDER BY event.learned_at, event.id
LIMIT ? OFFSET ?;

-- count_unhandled
SELECT count(*) AS count_1
FROM event
WHERE event.handled_at IS NULL;

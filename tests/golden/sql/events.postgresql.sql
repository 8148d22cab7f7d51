-- append
INSERT INTO event (lead_id, type, at, learned_at, data, key, depth) VALUES ($1::BIGINT, $2::VARCHAR,
    $3::TIMESTAMP WITH TIME ZONE, $4::TIMESTAMP WITH TIME ZONE, $5::VARCHAR, $6::VARCHAR, $7::INTEGER) ON
    CONFLICT DO NOTHING RETURNING event.id;

-- append_many
INSERT INTO event (lead_id, type, depth) VALUES ($1::BIGINT, $2::VARCHAR, $3::INTEGER) ON CONFLICT DO NOTHING;

-- of_lead
SELECT event.id, event.lead_id, event.type, event.at, event.learned_at, event.data, event.key, event.depth,
    event.handled_at
FROM event
WHERE event.lead_id = $1::BIGINT ORDER BY event.learned_at, event.id
LIMIT $2::INTEGER;

-- count_unhandled
SELECT count(*) AS count_1
FROM event
WHERE event.handled_at IS NULL;

-- of_lead
SELECT trace.id, trace.lead_id, trace.run, trace.step, trace.at, trace.word, trace.text
FROM trace
WHERE trace.lead_id = $1::BIGINT ORDER BY trace.id DESC
LIMIT $2::INTEGER;

-- points_of_lead
SELECT score_entry.id, score_entry.lead_id, score_entry.points, score_entry.kind, score_entry.rule,
    score_entry.reason, score_entry.at, score_entry.event_id, score_entry.withdrawn_at
FROM score_entry
WHERE score_entry.lead_id = $1::BIGINT ORDER BY score_entry.id DESC
LIMIT $2::INTEGER;

-- note
INSERT INTO audit (at, who, what, lead_id, data) VALUES ($1::TIMESTAMP WITH TIME ZONE, $2::VARCHAR,
    $3::VARCHAR, $4::BIGINT, $5::VARCHAR) RETURNING audit.id;

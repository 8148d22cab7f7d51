-- standing
SELECT address.written
FROM address
WHERE address.lead_id = $1::BIGINT AND address.kind = $2::VARCHAR ORDER BY address.id;
SELECT suppression.id, suppression.hash, suppression.address, suppression.lead_id, suppression.reason,
    suppression.at
FROM suppression
WHERE suppression.lead_id = $1::BIGINT OR suppression.hash IN (…) ORDER BY suppression.at;

-- verified_at
SELECT address.verified_at
FROM address
WHERE address.lead_id = $1::BIGINT AND address.kind = $2::VARCHAR AND address.value = $3::VARCHAR;

-- topics
SELECT consent.topic, consent.given
FROM consent
WHERE consent.lead_id = $1::BIGINT ORDER BY consent.id;

-- last_confirmation
SELECT message.id, message.created_at, message.state
FROM message
WHERE message.lead_id = $1::BIGINT AND message.service = $2::VARCHAR ORDER BY message.id DESC
LIMIT $3::INTEGER;

-- queue_confirmation
INSERT INTO message (lead_id, run, occurrence, occasion, state, sender, thread_first, in_doubt, attempt,
    assumed) VALUES ($1::BIGINT, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::BOOLEAN,
    $8::VARCHAR, $9::INTEGER, $10::BOOLEAN) ON CONFLICT DO NOTHING RETURNING message.id;

-- submissions
SELECT event.learned_at, event.data
FROM event
WHERE event.lead_id = $1::BIGINT AND event.type = $2::VARCHAR ORDER BY event.id DESC
LIMIT $3::INTEGER;

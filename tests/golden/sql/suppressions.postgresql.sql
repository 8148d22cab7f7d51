-- suppress_lead
SELECT address.written
FROM address
WHERE address.lead_id = $1::BIGINT AND address.kind = $2::VARCHAR;
INSERT INTO suppression (hash, address, lead_id, reason, at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::BIGINT,
    $4::VARCHAR, $5::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING RETURNING suppression.id;
UPDATE message SET state=$1::VARCHAR, next_at=$2::TIMESTAMP WITH TIME ZONE, why=$3::VARCHAR WHERE
    message.lead_id = $4::BIGINT AND message.state IN (…);

-- suppress
INSERT INTO suppression (hash, address, lead_id, reason, at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::BIGINT,
    $4::VARCHAR, $5::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING RETURNING suppression.id;

-- lift
DELETE FROM suppression WHERE suppression.hash = $1::VARCHAR;

-- lift lead_id=1
DELETE FROM suppression WHERE suppression.hash = $1::VARCHAR OR suppression.lead_id = $2::BIGINT;

-- is_suppressed
SELECT suppression.id
FROM suppression
WHERE suppression.hash = $1::VARCHAR;

-- listed
SELECT suppression.id, suppression.hash, suppression.address, suppression.lead_id, suppression.reason,
    suppression.at
FROM suppression ORDER BY suppression.id DESC
LIMIT $1::INTEGER;

-- keep_consent
INSERT INTO consent (lead_id, topic, given, wording, proof, at) VALUES ($1::BIGINT, $2::VARCHAR, $3::BOOLEAN,
    $4::VARCHAR, $5::VARCHAR, $6::TIMESTAMP WITH TIME ZONE) RETURNING consent.id;

-- consents_of
SELECT consent.id, consent.lead_id, consent.topic, consent.given, consent.wording, consent.proof, consent.at
FROM consent
WHERE consent.lead_id = $1::BIGINT ORDER BY consent.id;

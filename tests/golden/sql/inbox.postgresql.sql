-- keep
INSERT INTO received (mailbox, content, uid, raw, received_at, state, failures) VALUES ($1::VARCHAR,
    $2::VARCHAR, $3::INTEGER, $4::BYTEA, $5::TIMESTAMP WITH TIME ZONE, $6::VARCHAR, $7::INTEGER) ON CONFLICT
    DO NOTHING RETURNING received.id;

-- position
SELECT mailbox.uidvalidity, mailbox.uid
FROM mailbox
WHERE mailbox.name = $1::VARCHAR;

-- move_to
INSERT INTO mailbox (name, uidvalidity, uid, read_at) VALUES ($1::VARCHAR, $2::BIGINT, $3::INTEGER,
    $4::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING;
UPDATE mailbox SET uidvalidity=$1::BIGINT, uid=$2::INTEGER, read_at=$3::TIMESTAMP WITH TIME ZONE WHERE
    mailbox.name = $4::VARCHAR;

-- waiting
SELECT received.id, received.mailbox, received.content, received.uid, received.raw, received.received_at,
    received.state, received.failures, received.kind, received.intent, received.verdict, received.lead_id,
    received.message_ref, received.matched_by, received.sender, received.handled_at
FROM received
WHERE received.state = 'new' ORDER BY received.id
LIMIT $1::INTEGER;

-- get
SELECT received.id, received.mailbox, received.content, received.uid, received.raw, received.received_at,
    received.state, received.failures, received.kind, received.intent, received.verdict, received.lead_id,
    received.message_ref, received.matched_by, received.sender, received.handled_at
FROM received
WHERE received.id = $1::BIGINT;

-- finish
UPDATE received SET state=$1::VARCHAR WHERE received.id = $2::BIGINT AND received.state = $3::VARCHAR;

-- failed
UPDATE received SET failures=(received.failures + $1::INTEGER) WHERE received.id = $2::BIGINT;
UPDATE received SET state=$1::VARCHAR WHERE received.id = $2::BIGINT AND received.failures >= $3::INTEGER AND
    received.state = $4::VARCHAR;

-- count_waiting
SELECT count(*) AS count_1
FROM received
WHERE received.state = 'new';

-- of_lead
SELECT received.id, received.mailbox, received.content, received.uid, received.received_at, received.state,
    received.failures, received.kind, received.intent, received.verdict, received.lead_id,
    received.message_ref, received.matched_by, received.sender, received.handled_at
FROM received
WHERE received.lead_id = $1::BIGINT ORDER BY received.id DESC
LIMIT $2::INTEGER;

-- acted_on_from
SELECT count(*) AS count_1
FROM received
WHERE received.sender = $1::VARCHAR AND received.handled_at >= $2::TIMESTAMP WITH TIME ZONE AND received.state
    = $3::VARCHAR AND received.id < $4::BIGINT;

-- mark state='done'
UPDATE received SET state=$1::VARCHAR WHERE received.id = $2::BIGINT;

-- soft_bounces
SELECT max(event.learned_at) AS max_1
FROM event
WHERE event.lead_id = $1::BIGINT AND (event.type IN (…) OR event.type LIKE $2::VARCHAR);
SELECT event.data
FROM event
WHERE event.lead_id = $1::BIGINT AND event.type = $2::VARCHAR AND event.learned_at >= $3::TIMESTAMP WITH TIME
    ZONE
LIMIT $4::INTEGER;

-- trace
INSERT INTO trace (lead_id, run, step, at, word, text) VALUES ($1::BIGINT, $2::VARCHAR, $3::VARCHAR,
    $4::TIMESTAMP WITH TIME ZONE, $5::VARCHAR, $6::VARCHAR) RETURNING trace.id;

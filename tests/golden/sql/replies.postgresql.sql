-- listed
SELECT received.id, received.mailbox, received.content, received.uid, received.received_at, received.state,
    received.failures, received.kind, received.intent, received.verdict, received.lead_id,
    received.message_ref, received.matched_by, received.sender, received.handled_at, lead.email AS lead_email
FROM received LEFT OUTER JOIN lead ON lead.id = received.lead_id ORDER BY received.id DESC
LIMIT $1::INTEGER;

-- listed state='done' kind='reply' intent='refused'
SELECT received.id, received.mailbox, received.content, received.uid, received.received_at, received.state,
    received.failures, received.kind, received.intent, received.verdict, received.lead_id,
    received.message_ref, received.matched_by, received.sender, received.handled_at, lead.email AS lead_email
FROM received LEFT OUTER JOIN lead ON lead.id = received.lead_id
WHERE received.state = $1::VARCHAR AND received.kind = $2::VARCHAR AND received.intent = $3::VARCHAR ORDER BY
    received.id DESC
LIMIT $4::INTEGER;

-- listed state='quarantined'
SELECT received.id, received.mailbox, received.content, received.uid, received.received_at, received.state,
    received.failures, received.kind, received.intent, received.verdict, received.lead_id,
    received.message_ref, received.matched_by, received.sender, received.handled_at, lead.email AS lead_email
FROM received LEFT OUTER JOIN lead ON lead.id = received.lead_id
WHERE received.state = $1::VARCHAR AND received.state NOT IN ('new', 'done') ORDER BY received.id DESC
LIMIT $2::INTEGER;

-- counts
SELECT anon_1.kind, anon_1.intent, anon_1.language, anon_1.state, count(*) AS count_1
FROM (SELECT received.kind AS kind, received.intent AS intent, CASE WHEN (CAST(received.verdict AS TEXT) LIKE
    '%' || $1::VARCHAR || '%' ESCAPE '/') THEN $2::VARCHAR WHEN (CAST(received.verdict AS TEXT) LIKE '%' ||
    $3::VARCHAR || '%' ESCAPE '/') THEN $4::VARCHAR WHEN (CAST(received.verdict AS TEXT) LIKE '%' ||
    $5::VARCHAR || '%' ESCAPE '/') THEN $6::VARCHAR WHEN (CAST(received.verdict AS TEXT) LIKE '%' ||
    $7::VARCHAR || '%' ESCAPE '/') THEN $8::VARCHAR WHEN (CAST(received.verdict AS TEXT) LIKE '%' ||
    $9::VARCHAR || '%' ESCAPE '/') THEN $10::VARCHAR END AS language, received.state AS state
FROM received
WHERE received.received_at >= $11::TIMESTAMP WITH TIME ZONE AND received.received_at < $12::TIMESTAMP WITH
    TIME ZONE) AS anon_1 GROUP BY anon_1.kind, anon_1.intent, anon_1.language, anon_1.state;

-- correct
UPDATE received SET state=$1::VARCHAR, intent=$2::VARCHAR WHERE received.id = $3::BIGINT AND (received.state
    NOT IN (…));

-- tasks_about
SELECT task.id, task.once, task.data
FROM task
WHERE task.state IN (…) AND (task.once = $1::VARCHAR OR task.lead_id = $2::BIGINT);

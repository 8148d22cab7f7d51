-- listed
SELECT received.id, received.mailbox, received.content, received.uid, received.received_at, received.state,
    received.failures, received.kind, received.intent, received.verdict, received.lead_id,
    received.message_ref, received.matched_by, received.sender, received.handled_at, lead.email AS lead_email
FROM received LEFT OUTER JOIN lead ON lead.id = received.lead_id ORDER BY received.id DESC
LIMIT ? OFFSET ?;

-- listed state='done' kind='reply' intent='refused'
SELECT received.id, received.mailbox, received.content, received.uid, received.received_at, received.state,
    received.failures, received.kind, received.intent, received.verdict, received.lead_id,
    received.message_ref, received.matched_by, received.sender, received.handled_at, lead.email AS lead_email
FROM received LEFT OUTER JOIN lead ON lead.id = received.lead_id
WHERE received.state = ? AND received.kind = ? AND received.intent = ? ORDER BY received.id DESC
LIMIT ? OFFSET ?;

-- listed state='quarantined'
SELECT received.id, received.mailbox, received.content, received.uid, received.received_at, received.state,
    received.failures, received.kind, received.intent, received.verdict, received.lead_id,
    received.message_ref, received.matched_by, received.sender, received.handled_at, lead.email AS lead_email
FROM received LEFT OUTER JOIN lead ON lead.id = received.lead_id
WHERE received.state = ? AND received.state NOT IN ('new', 'done') ORDER BY received.id DESC
LIMIT ? OFFSET ?;

-- counts
SELECT anon_1.kind, anon_1.intent, anon_1.language, anon_1.state, count(*) AS count_1
FROM (SELECT received.kind AS kind, received.intent AS intent, CASE WHEN (CAST(received.verdict AS TEXT) LIKE
    '%' || ? || '%' ESCAPE '/') THEN ? WHEN (CAST(received.verdict AS TEXT) LIKE '%' || ? || '%' ESCAPE '/')
    THEN ? WHEN (CAST(received.verdict AS TEXT) LIKE '%' || ? || '%' ESCAPE '/') THEN ? WHEN
    (CAST(received.verdict AS TEXT) LIKE '%' || ? || '%' ESCAPE '/') THEN ? WHEN (CAST(received.verdict AS
    TEXT) LIKE '%' || ? || '%' ESCAPE '/') THEN ? END AS language, received.state AS state
FROM received
WHERE received.received_at >= ? AND received.received_at < ?) AS anon_1 GROUP BY anon_1.kind, anon_1.intent,
    anon_1.language, anon_1.state;

-- correct
UPDATE received SET state=?, intent=? WHERE received.id = ? AND (received.state NOT IN (…));

-- tasks_about
SELECT task.id, task.once, task.data
FROM task
WHERE task.state IN (…) AND (task.once = ? OR task.lead_id = ?);

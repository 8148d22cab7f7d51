-- keep
INSERT INTO received (mailbox, content, uid, raw, received_at, state, failures) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING RETURNING id;

-- position
SELECT mailbox.uidvalidity, mailbox.uid
FROM mailbox
WHERE mailbox.name = ?;

-- move_to
INSERT INTO mailbox (name, uidvalidity, uid, read_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING;
UPDATE mailbox SET uidvalidity=?, uid=?, read_at=? WHERE mailbox.name = ?;

-- waiting
SELECT received.id, received.mailbox, received.content, received.uid, received.raw, received.received_at,
    received.state, received.failures, received.kind, received.intent, received.verdict, received.lead_id,
    received.message_ref, received.matched_by, received.sender, received.handled_at
FROM received
WHERE received.state = 'new' ORDER BY received.id
LIMIT ? OFFSET ?;

-- get
SELECT received.id, received.mailbox, received.content, received.uid, received.raw, received.received_at,
    received.state, received.failures, received.kind, received.intent, received.verdict, received.lead_id,
    received.message_ref, received.matched_by, received.sender, received.handled_at
FROM received
WHERE received.id = ?;

-- finish
UPDATE received SET state=? WHERE received.id = ? AND received.state = ?;

-- failed
UPDATE received SET failures=(received.failures + ?) WHERE received.id = ?;
UPDATE received SET state=? WHERE received.id = ? AND received.failures >= ? AND received.state = ?;

-- count_waiting
SELECT count(*) AS count_1
FROM received
WHERE received.state = 'new';

-- of_lead
SELECT received.id, received.mailbox, received.content, received.uid, received.received_at, received.state,
    received.failures, received.kind, received.intent, received.verdict, received.lead_id,
    received.message_ref, received.matched_by, received.sender, received.handled_at
FROM received
WHERE received.lead_id = ? ORDER BY received.id DESC
LIMIT ? OFFSET ?;

-- acted_on_from
SELECT count(*) AS count_1
FROM received
WHERE received.sender = ? AND received.handled_at >= ? AND received.state = ? AND received.id < ?;

-- mark state='done'
UPDATE received SET state=? WHERE received.id = ?;

-- soft_bounces
SELECT max(event.learned_at) AS max_1
FROM event
WHERE event.lead_id = ? AND (event.type IN (…) OR event.type LIKE ?);
SELECT event.data
FROM event
WHERE event.lead_id = ? AND event.type = ? AND event.learned_at >= ?
LIMIT ? OFFSET ?;

-- trace
INSERT INTO trace (lead_id, run, step, at, word, text) VALUES (?, ?, ?, ?, ?, ?);

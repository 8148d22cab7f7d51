-- claim
SELECT message.id
FROM message
WHERE message.next_at IS NOT NULL AND message.state IN (…) AND NOT (EXISTS (SELECT *
FROM message AS earlier
WHERE earlier.lead_id = message.lead_id AND earlier.run = message.run AND earlier.id < message.id AND
    earlier.state IN (…))) AND message.next_at <= ? ORDER BY message.next_at, message.id
LIMIT ? OFFSET ?;
UPDATE message SET state=?, next_at=?, owner=?, lease_until=?, attempt=(message.attempt + ?),
    first_tried_at=coalesce(message.first_tried_at, ?) WHERE message.id IN (…) AND message.state IN (…)
    RETURNING id, lead_id, run, campaign, version, step, template, locale, occurrence, occasion, send_key,
    state, planned_at, next_at, service, sender, thread_first, in_doubt, latest, window_open_until, stages,
    "values", recipient, recipient_hash, envelope_from, message_id, "references", subject, raw, owner,
    lease_until, attempt, first_tried_at, marked_at, sent_at, reply_code, reply_text, assumed, opened_at,
    clicked_at, replied_at, why, created_at;

-- next_due
SELECT message.next_at
FROM message
WHERE message.next_at IS NOT NULL AND message.state IN (…) AND NOT (EXISTS (SELECT *
FROM message AS earlier
WHERE earlier.lead_id = message.lead_id AND earlier.run = message.run AND earlier.id < message.id AND
    earlier.state IN (…))) ORDER BY message.next_at
LIMIT ? OFFSET ?;

-- keep_bytes
UPDATE message SET raw=? WHERE message.id = ? AND message.raw IS NULL;

-- mark
UPDATE message SET state=?, marked_at=? WHERE (message.id = ? AND message.attempt = ? OR message.id = ? AND
    message.attempt = ?) AND message.state = ? AND message.owner = ? AND (message.service = ? OR NOT (EXISTS
    (SELECT *
FROM suppression
WHERE suppression.hash = message.recipient_hash OR suppression.lead_id = message.lead_id))) AND NOT (EXISTS
    (SELECT *
FROM pause
WHERE pause.scope = message.campaign OR pause.scope = ?)) AND (message.stages IS NULL OR (? || message.stages
    || ?) LIKE (? || (SELECT lead.stage
FROM lead
WHERE lead.id = message.lead_id) || ?)) AND (message.window_open_until IS NULL OR message.window_open_until >
    ?) AND (message.latest IS NULL OR message.latest >= ?) RETURNING id;

-- settle
UPDATE message SET state=? WHERE message.id = ? AND message.attempt = ? AND message.state IN (…);

-- recover
UPDATE message SET state=?, next_at=?, owner=?, lease_until=? WHERE message.state = ? AND message.lease_until
    <= ?;
UPDATE message SET state=?, lease_until=? WHERE message.state = ? AND message.lease_until <= ?;

-- recover alone=True
UPDATE message SET state=?, next_at=?, owner=?, lease_until=? WHERE message.state = ? AND message.state IN (…);
UPDATE message SET state=?, lease_until=? WHERE message.state = ? AND message.state IN (…);

-- doubtful
SELECT message.id, message.lead_id, message.attempt, message.in_doubt, message.campaign, message.step,
    message.template
FROM message
WHERE message.state = ? AND (message.marked_at IS NULL OR message.marked_at <= ?)
LIMIT ? OFFSET ?;

-- counts
SELECT message.state, count(*) AS count_1
FROM message GROUP BY message.state;

-- claimable
SELECT message.id
FROM message
WHERE message.next_at IS NOT NULL AND message.state IN (…) AND NOT (EXISTS (SELECT *
FROM message AS earlier
WHERE earlier.lead_id = message.lead_id AND earlier.run = message.run AND earlier.id < message.id AND
    earlier.state IN (…))) AND message.next_at <= ? ORDER BY message.next_at, message.id
LIMIT ? OFFSET ?;

-- is_paused
SELECT pause.scope
FROM pause
WHERE pause.scope IN (…)
LIMIT ? OFFSET ?;

-- get
SELECT message.id, message.lead_id, message.run, message.campaign, message.version, message.step,
    message.template, message.locale, message.occurrence, message.occasion, message.send_key, message.state,
    message.planned_at, message.next_at, message.service, message.sender, message.thread_first,
    message.in_doubt, message.latest, message.window_open_until, message.stages, message."values",
    message.recipient, message.recipient_hash, message.envelope_from, message.message_id,
    message."references", message.subject, message.raw, message.owner, message.lease_until, message.attempt,
    message.first_tried_at, message.marked_at, message.sent_at, message.reply_code, message.reply_text,
    message.assumed, message.opened_at, message.clicked_at, message.replied_at, message.why,
    message.created_at
FROM message
WHERE message.id = ?;

-- by_message_ids
SELECT message.id, message.lead_id, message.campaign, message.run, message.step, message.template,
    message.message_id
FROM message
WHERE message.message_id IN (…);

-- latest_to
SELECT message.id, message.lead_id, message.campaign, message.run, message.step, message.template,
    message.message_id
FROM message
WHERE message.lead_id = ? AND message.state IN (…) ORDER BY coalesce(message.sent_at, message.marked_at,
    message.planned_at) DESC, message.id DESC
LIMIT ? OFFSET ?;

-- thread_of
SELECT message.message_id
FROM message
WHERE message.lead_id = ? AND message.run = ? AND message.id < ? AND message.message_id IS NOT NULL AND
    message.state IN (…) ORDER BY message.id;

-- note
UPDATE message SET opened_at=? WHERE message.id = ? AND message.opened_at IS NULL;

-- listed
SELECT message.id, message.lead_id, message.run, message.campaign, message.version, message.step,
    message.template, message.locale, message.occurrence, message.occasion, message.send_key, message.state,
    message.planned_at, message.next_at, message.service, message.sender, message.thread_first,
    message.in_doubt, message.latest, message.window_open_until, message.stages, message.recipient,
    message.recipient_hash, message.envelope_from, message.message_id, message."references", message.subject,
    message.owner, message.lease_until, message.attempt, message.first_tried_at, message.marked_at,
    message.sent_at, message.reply_code, message.reply_text, message.assumed, message.opened_at,
    message.clicked_at, message.replied_at, message.why, message.created_at, lead.email
FROM message JOIN lead ON lead.id = message.lead_id ORDER BY message.id DESC
LIMIT ? OFFSET ?;

-- listed state='sent' lead_id=1
SELECT message.id, message.lead_id, message.run, message.campaign, message.version, message.step,
    message.template, message.locale, message.occurrence, message.occasion, message.send_key, message.state,
    message.planned_at, message.next_at, message.service, message.sender, message.thread_first,
    message.in_doubt, message.latest, message.window_open_until, message.stages, message.recipient,
    message.recipient_hash, message.envelope_from, message.message_id, message."references", message.subject,
    message.owner, message.lease_until, message.attempt, message.first_tried_at, message.marked_at,
    message.sent_at, message.reply_code, message.reply_text, message.assumed, message.opened_at,
    message.clicked_at, message.replied_at, message.why, message.created_at, lead.email
FROM message JOIN lead ON lead.id = message.lead_id
WHERE message.state = ? AND message.lead_id = ? ORDER BY message.id DESC
LIMIT ? OFFSET ?;

-- release_held
UPDATE message SET state=?, next_at=?, why=? WHERE message.state = ? AND message.why LIKE ?;

-- attempts
SELECT message.send_key, max(CASE WHEN (message.state IN (…)) THEN ? ELSE message.attempt END) AS max_1
FROM message
WHERE message.send_key IN (…) GROUP BY message.send_key;

-- learn
UPDATE message SET state=?, next_at=?, attempt=?, marked_at=?, why=? WHERE message.send_key = ? AND
    message.state IN (…);
SELECT lead.id
FROM lead
WHERE lead.id = ?;
INSERT INTO message (lead_id, run, campaign, version, step, template, occurrence, occasion, send_key, state,
    planned_at, next_at, sender, thread_first, in_doubt, attempt, marked_at, assumed, why, created_at) VALUES
    (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING;

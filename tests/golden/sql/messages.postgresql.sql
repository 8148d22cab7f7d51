-- claim
SELECT message.id
FROM message
WHERE message.next_at IS NOT NULL AND message.state IN (…) AND NOT (EXISTS (SELECT *
FROM message AS earlier
WHERE earlier.lead_id = message.lead_id AND earlier.run = message.run AND earlier.id < message.id AND
    earlier.state IN (…))) AND message.next_at <= $1::TIMESTAMP WITH TIME ZONE ORDER BY message.next_at,
    message.id
LIMIT $2::INTEGER FOR UPDATE SKIP LOCKED;
UPDATE message SET state=$1::VARCHAR, next_at=$2::TIMESTAMP WITH TIME ZONE, owner=$3::VARCHAR,
    lease_until=$4::TIMESTAMP WITH TIME ZONE, attempt=(message.attempt + $5::INTEGER),
    first_tried_at=coalesce(message.first_tried_at, $6::TIMESTAMP WITH TIME ZONE) WHERE message.id IN (…) AND
    message.state IN (…) RETURNING message.id, message.lead_id, message.run, message.campaign,
    message.version, message.step, message.template, message.locale, message.occurrence, message.occasion,
    message.send_key, message.state, message.planned_at, message.next_at, message.service, message.sender,
    message.thread_first, message.in_doubt, message.latest, message.window_open_until, message.stages,
    message.values, message.recipient, message.recipient_hash, message.envelope_from, message.message_id,
    message."references", message.subject, message.raw, message.owner, message.lease_until, message.attempt,
    message.first_tried_at, message.marked_at, message.sent_at, message.reply_code, message.reply_text,
    message.assumed, message.opened_at, message.clicked_at, message.replied_at, message.why,
    message.created_at;

-- next_due
SELECT message.next_at
FROM message
WHERE message.next_at IS NOT NULL AND message.state IN (…) AND NOT (EXISTS (SELECT *
FROM message AS earlier
WHERE earlier.lead_id = message.lead_id AND earlier.run = message.run AND earlier.id < message.id AND
    earlier.state IN (…))) ORDER BY message.next_at
LIMIT $1::INTEGER;

-- keep_bytes
UPDATE message SET raw=$1::BYTEA WHERE message.id = $2::BIGINT AND message.raw IS NULL;

-- mark
UPDATE message SET state=$1::VARCHAR, marked_at=$2::TIMESTAMP WITH TIME ZONE WHERE (message.id = $3::BIGINT
    AND message.attempt = $4::INTEGER OR message.id = $5::BIGINT AND message.attempt = $6::INTEGER) AND
    message.state = $7::VARCHAR AND message.owner = $8::VARCHAR AND (message.service = $9::VARCHAR OR NOT
    (EXISTS (SELECT *
FROM suppression
WHERE suppression.hash = message.recipient_hash OR suppression.lead_id = message.lead_id))) AND NOT (EXISTS
    (SELECT *
FROM pause
WHERE pause.scope = message.campaign OR pause.scope = $10::VARCHAR)) AND (message.stages IS NULL OR
    ($11::VARCHAR || message.stages || $12::VARCHAR) LIKE ($13::VARCHAR || (SELECT lead.stage
FROM lead
WHERE lead.id = message.lead_id) || $14::VARCHAR)) AND (message.window_open_until IS NULL OR
    message.window_open_until > $15::TIMESTAMP WITH TIME ZONE) AND (message.latest IS NULL OR message.latest
    >= $16::TIMESTAMP WITH TIME ZONE) RETURNING message.id;

-- settle
UPDATE message SET state=$1::VARCHAR WHERE message.id = $2::BIGINT AND message.attempt = $3::INTEGER AND
    message.state IN (…);

-- recover
UPDATE message SET state=$1::VARCHAR, next_at=$2::TIMESTAMP WITH TIME ZONE, owner=$3::VARCHAR,
    lease_until=$4::TIMESTAMP WITH TIME ZONE WHERE message.state = $5::VARCHAR AND message.lease_until <=
    $6::TIMESTAMP WITH TIME ZONE;
UPDATE message SET state=$1::VARCHAR, lease_until=$2::TIMESTAMP WITH TIME ZONE WHERE message.state =
    $3::VARCHAR AND message.lease_until <= $4::TIMESTAMP WITH TIME ZONE;

-- recover alone=True
UPDATE message SET state=$1::VARCHAR, next_at=$2::TIMESTAMP WITH TIME ZONE, owner=$3::VARCHAR,
    lease_until=$4::TIMESTAMP WITH TIME ZONE WHERE message.state = $5::VARCHAR AND message.state IN (…);
UPDATE message SET state=$1::VARCHAR, lease_until=$2::TIMESTAMP WITH TIME ZONE WHERE message.state =
    $3::VARCHAR AND message.state IN (…);

-- doubtful
SELECT message.id, message.lead_id, message.attempt, message.in_doubt, message.campaign, message.step,
    message.template
FROM message
WHERE message.state = $1::VARCHAR AND (message.marked_at IS NULL OR message.marked_at <= $2::TIMESTAMP WITH
    TIME ZONE)
LIMIT $3::INTEGER;

-- counts
SELECT message.state, count(*) AS count_1
FROM message GROUP BY message.state;

-- claimable
SELECT message.id
FROM message
WHERE message.next_at IS NOT NULL AND message.state IN (…) AND NOT (EXISTS (SELECT *
FROM message AS earlier
WHERE earlier.lead_id = message.lead_id AND earlier.run = message.run AND earlier.id < message.id AND
    earlier.state IN (…))) AND message.next_at <= $1::TIMESTAMP WITH TIME ZONE ORDER BY message.next_at,
    message.id
LIMIT $2::INTEGER;

-- is_paused
SELECT pause.scope
FROM pause
WHERE pause.scope IN (…)
LIMIT $1::INTEGER;

-- get
SELECT message.id, message.lead_id, message.run, message.campaign, message.version, message.step,
    message.template, message.locale, message.occurrence, message.occasion, message.send_key, message.state,
    message.planned_at, message.next_at, message.service, message.sender, message.thread_first,
    message.in_doubt, message.latest, message.window_open_until, message.stages, message.values,
    message.recipient, message.recipient_hash, message.envelope_from, message.message_id,
    message."references", message.subject, message.raw, message.owner, message.lease_until, message.attempt,
    message.first_tried_at, message.marked_at, message.sent_at, message.reply_code, message.reply_text,
    message.assumed, message.opened_at, message.clicked_at, message.replied_at, message.why,
    message.created_at
FROM message
WHERE message.id = $1::BIGINT;

-- by_message_ids
SELECT message.id, message.lead_id, message.campaign, message.run, message.step, message.template,
    message.message_id
FROM message
WHERE message.message_id IN (…);

-- latest_to
SELECT message.id, message.lead_id, message.campaign, message.run, message.step, message.template,
    message.message_id
FROM message
WHERE message.lead_id = $1::BIGINT AND message.state IN (…) ORDER BY coalesce(message.sent_at,
    message.marked_at, message.planned_at) DESC, message.id DESC
LIMIT $2::INTEGER;

-- thread_of
SELECT message.message_id
FROM message
WHERE message.lead_id = $1::BIGINT AND message.run = $2::VARCHAR AND message.id < $3::TIMESTAMP WITH TIME ZONE
    AND message.message_id IS NOT NULL AND message.state IN (…) ORDER BY message.id;

-- note
UPDATE message SET opened_at=$1::TIMESTAMP WITH TIME ZONE WHERE message.id = $2::BIGINT AND message.opened_at
    IS NULL;

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
LIMIT $1::INTEGER;

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
WHERE message.state = $1::VARCHAR AND message.lead_id = $2::BIGINT ORDER BY message.id DESC
LIMIT $3::INTEGER;

-- release_held
UPDATE message SET state=$1::VARCHAR, next_at=$2::TIMESTAMP WITH TIME ZONE, why=$3::VARCHAR WHERE
    message.state = $4::VARCHAR AND message.why LIKE $5::VARCHAR;

-- attempts
SELECT message.send_key, max(CASE WHEN (message.state IN (…)) THEN $1::INTEGER ELSE message.attempt END) AS
    max_1
FROM message
WHERE message.send_key IN (…) GROUP BY message.send_key;

-- learn
UPDATE message SET state=$1::VARCHAR, next_at=$2::TIMESTAMP WITH TIME ZONE, attempt=$3::INTEGER,
    marked_at=$4::TIMESTAMP WITH TIME ZONE, why=$5::VARCHAR WHERE message.send_key = $6::VARCHAR AND
    message.state IN (…);
SELECT lead.id
FROM lead
WHERE lead.id = $1::BIGINT;
INSERT INTO message (lead_id, run, campaign, version, step, template, occurrence, occasion, send_key, state,
    planned_at, next_at, sender, thread_first, in_doubt, attempt, marked_at, assumed, why, created_at) VALUES
    ($1::BIGINT, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR, $8::VARCHAR,
    $9::VARCHAR, $10::VARCHAR, $11::TIMESTAMP WITH TIME ZONE, $12::TIMESTAMP WITH TIME ZONE, $13::VARCHAR,
    $14::BOOLEAN, $15::VARCHAR, $16::INTEGER, $17::TIMESTAMP WITH TIME ZONE, $18::BOOLEAN, $19::VARCHAR,
    $20::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING RETURNING message.id;

-- rang
SELECT bell.rang_at
FROM bell
WHERE bell.name = $1::VARCHAR;

-- ring last=None
INSERT INTO bell (name, rang_at) VALUES ($1::VARCHAR, $2::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING;

-- ring last=datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.timezone.utc)
UPDATE bell SET rang_at=$1::TIMESTAMP WITH TIME ZONE WHERE bell.name = $2::VARCHAR AND bell.rang_at =
    $3::TIMESTAMP WITH TIME ZONE;

-- places
SELECT DISTINCT lead.timezone, lead.country
FROM lead
WHERE lead.stage IN (…);

-- let_in
INSERT INTO event (lead_id, type, at, learned_at, data, key, depth) SELECT lead.id, $1::VARCHAR AS anon_1,
    $2::TIMESTAMP WITH TIME ZONE AS anon_2, $3::TIMESTAMP WITH TIME ZONE AS anon_3, $4::VARCHAR AS anon_4,
    $5::VARCHAR || CAST(lead.id AS VARCHAR) AS anon_5, $6::INTEGER AS anon_6
FROM lead
WHERE lead.erased_at IS NULL AND lead.country = $7::VARCHAR ON CONFLICT DO NOTHING;

-- candidates
SELECT lead.id
FROM lead
WHERE lead.erased_at IS NULL AND lead.id > $1::BIGINT AND lead.country = $2::VARCHAR ORDER BY lead.id
LIMIT $3::INTEGER;

-- members
SELECT membership.lead_id
FROM membership
WHERE membership.campaign = $1::VARCHAR AND membership.lead_id IN (…);

-- all_members
SELECT membership.lead_id
FROM membership
WHERE membership.campaign = $1::VARCHAR;

-- add_members
INSERT INTO membership (campaign, lead_id) VALUES ($1::VARCHAR, $2::BIGINT) ON CONFLICT DO NOTHING;

-- remove_members
DELETE FROM membership WHERE membership.campaign = $1::VARCHAR AND membership.lead_id IN (…);

-- pause
INSERT INTO pause (scope, why, at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::TIMESTAMP WITH TIME ZONE) ON CONFLICT
    DO NOTHING;

-- paused
SELECT pause.scope, pause.why
FROM pause;

-- resume scope='c'
DELETE FROM pause WHERE pause.scope = $1::VARCHAR;
INSERT INTO event (lead_id, type, at, learned_at, data, depth) SELECT anon_1.lead_id, $1::VARCHAR AS anon_2,
    $2::TIMESTAMP WITH TIME ZONE AS anon_3, $3::TIMESTAMP WITH TIME ZONE AS anon_4, $4::VARCHAR AS anon_5,
    $5::INTEGER AS anon_6
FROM (SELECT enrolment.lead_id AS lead_id
FROM enrolment
WHERE enrolment.state = $6::VARCHAR AND enrolment.due_at IS NULL AND enrolment.campaign = $7::VARCHAR UNION
    SELECT message.lead_id AS lead_id
FROM message
WHERE message.state = $8::VARCHAR AND message.why = $9::VARCHAR AND message.campaign = $10::VARCHAR) AS anon_1;

-- resume scope='everything'
DELETE FROM pause WHERE pause.scope = $1::VARCHAR;
INSERT INTO event (lead_id, type, at, learned_at, data, depth) SELECT anon_1.lead_id, $1::VARCHAR AS anon_2,
    $2::TIMESTAMP WITH TIME ZONE AS anon_3, $3::TIMESTAMP WITH TIME ZONE AS anon_4, $4::VARCHAR AS anon_5,
    $5::INTEGER AS anon_6
FROM (SELECT enrolment.lead_id AS lead_id
FROM enrolment
WHERE enrolment.state = $6::VARCHAR AND enrolment.due_at IS NULL UNION SELECT message.lead_id AS lead_id
FROM message
WHERE message.state = $7::VARCHAR AND message.why = $8::VARCHAR) AS anon_1;

-- held
SELECT message.id, message.lead_id, message.run, message.campaign, message.step, message.template,
    message.occurrence, message.occasion, message.service, message.planned_at, message.latest
FROM message
WHERE message.lead_id IN (…) AND message.state = $1::VARCHAR AND message.why = $2::VARCHAR ORDER BY
    message.planned_at, message.id;

-- let_go
UPDATE message SET state=$1::VARCHAR WHERE message.id = $2::BIGINT AND message.state = $3::VARCHAR AND
    message.why = $4::VARCHAR;

-- forget what='raw_mail'
UPDATE received SET raw=$1::BYTEA WHERE received.received_at < $2::TIMESTAMP WITH TIME ZONE AND received.raw
    IS NOT NULL AND received.state = $3::VARCHAR;

-- forget what='messages'
UPDATE message SET values=$1::VARCHAR, raw=$2::BYTEA WHERE message.sent_at < $3::TIMESTAMP WITH TIME ZONE AND
    message.raw IS NOT NULL;

-- forget what='traces'
DELETE FROM trace WHERE trace.at < $1::TIMESTAMP WITH TIME ZONE;

-- forget what='events'
DELETE FROM event WHERE event.learned_at < $1::TIMESTAMP WITH TIME ZONE AND event.handled_at IS NOT NULL;

-- count_leads
SELECT count(*) AS count_1
FROM lead;

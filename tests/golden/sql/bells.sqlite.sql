-- rang
SELECT bell.rang_at
FROM bell
WHERE bell.name = ?;

-- ring last=None
INSERT INTO bell (name, rang_at) VALUES (?, ?) ON CONFLICT DO NOTHING;

-- ring last=datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.timezone.utc)
UPDATE bell SET rang_at=? WHERE bell.name = ? AND bell.rang_at = ?;

-- places
SELECT DISTINCT lead.timezone, lead.country
FROM lead
WHERE lead.stage IN (…);

-- let_in
INSERT INTO event (lead_id, type, at, learned_at, data, "key", depth) SELECT lead.id, ? AS anon_1, ? AS
    anon_2, ? AS anon_3, ? AS anon_4, ? || CAST(lead.id AS VARCHAR) AS anon_5, ? AS anon_6
FROM lead
WHERE lead.erased_at IS NULL AND lead.country = ? ON CONFLICT DO NOTHING;

-- candidates
SELECT lead.id
FROM lead
WHERE lead.erased_at IS NULL AND lead.id > ? AND lead.country = ? ORDER BY lead.id
LIMIT ? OFFSET ?;

-- members
SELECT membership.lead_id
FROM membership
WHERE membership.campaign = ? AND membership.lead_id IN (…);

-- all_members
SELECT membership.lead_id
FROM membership
WHERE membership.campaign = ?;

-- add_members
INSERT INTO membership (campaign, lead_id) VALUES (?, ?) ON CONFLICT DO NOTHING;

-- remove_members
DELETE FROM membership WHERE membership.campaign = ? AND membership.lead_id IN (…);

-- pause
INSERT INTO pause (scope, why, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING;

-- paused
SELECT pause.scope, pause.why
FROM pause;

-- resume scope='c'
DELETE FROM pause WHERE pause.scope = ?;
INSERT INTO event (lead_id, type, at, learned_at, data, depth) SELECT anon_1.lead_id, ? AS anon_2, ? AS
    anon_3, ? AS anon_4, ? AS anon_5, ? AS anon_6
FROM (SELECT enrolment.lead_id AS lead_id
FROM enrolment
WHERE enrolment.state = ? AND enrolment.due_at IS NULL AND enrolment.campaign = ? UNION SELECT message.lead_id
    AS lead_id
FROM message
WHERE message.state = ? AND message.why = ? AND message.campaign = ?) AS anon_1;

-- resume scope='everything'
DELETE FROM pause WHERE pause.scope = ?;
INSERT INTO event (lead_id, type, at, learned_at, data, depth) SELECT anon_1.lead_id, ? AS anon_2, ? AS
    anon_3, ? AS anon_4, ? AS anon_5, ? AS anon_6
FROM (SELECT enrolment.lead_id AS lead_id
FROM enrolment
WHERE enrolment.state = ? AND enrolment.due_at IS NULL UNION SELECT message.lead_id AS lead_id
FROM message
WHERE message.state = ? AND message.why = ?) AS anon_1;

-- held
SELECT message.id, message.lead_id, message.run, message.campaign, message.step, message.template,
    message.occurrence, message.occasion, message.service, message.planned_at, message.latest
FROM message
WHERE message.lead_id IN (…) AND message.state = ? AND message.why = ? ORDER BY message.planned_at, message.id;

-- let_go
UPDATE message SET state=? WHERE message.id = ? AND message.state = ? AND message.why = ?;

-- forget what='raw_mail'
UPDATE received SET raw=? WHERE received.received_at < ? AND received.raw IS NOT NULL AND received.state = ?;

-- forget what='messages'
UPDATE message SET "values"=?, raw=? WHERE message.sent_at < ? AND message.raw IS NOT NULL;

-- forget what='traces'
DELETE FROM trace WHERE trace.at < ?;

-- forget what='events'
DELETE FROM event WHERE event.learned_at < ? AND event.handled_at IS NOT NULL;

-- count_leads
SELECT count(*) AS count_1
FROM lead;

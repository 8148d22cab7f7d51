-- due_leads
SELECT anon_1.id, anon_1.at
FROM (SELECT event.lead_id AS id, event.learned_at AS at
FROM event
WHERE event.handled_at IS NULL AND event.learned_at <= ? ORDER BY event.learned_at
LIMIT ? OFFSET ?) AS anon_1 UNION ALL SELECT anon_2.id, anon_2.at
FROM (SELECT enrolment.lead_id AS id, enrolment.due_at AS at
FROM enrolment
WHERE enrolment.due_at IS NOT NULL AND enrolment.due_at <= ? ORDER BY enrolment.due_at
LIMIT ? OFFSET ?) AS anon_2 UNION ALL SELECT anon_3.id, anon_3.at
FROM (SELECT lead.id AS id, lead.wake_at AS at
FROM lead
WHERE lead.wake_at IS NOT NULL AND lead.wake_at <= ? ORDER BY lead.wake_at
LIMIT ? OFFSET ?) AS anon_3;

-- due_leads without=[7]
SELECT anon_1.id, anon_1.at
FROM (SELECT event.lead_id AS id, event.learned_at AS at
FROM event
WHERE event.handled_at IS NULL AND event.learned_at <= ? AND (event.lead_id NOT IN (…)) ORDER BY
    event.learned_at
LIMIT ? OFFSET ?) AS anon_1 UNION ALL SELECT anon_2.id, anon_2.at
FROM (SELECT enrolment.lead_id AS id, enrolment.due_at AS at
FROM enrolment
WHERE enrolment.due_at IS NOT NULL AND enrolment.due_at <= ? AND (enrolment.lead_id NOT IN (…)) ORDER BY
    enrolment.due_at
LIMIT ? OFFSET ?) AS anon_2 UNION ALL SELECT anon_3.id, anon_3.at
FROM (SELECT lead.id AS id, lead.wake_at AS at
FROM lead
WHERE lead.wake_at IS NOT NULL AND lead.wake_at <= ? AND (lead.id NOT IN (…)) ORDER BY lead.wake_at
LIMIT ? OFFSET ?) AS anon_3;

-- next_due
SELECT anon_1.at
FROM (SELECT event.learned_at AS at
FROM event
WHERE event.handled_at IS NULL ORDER BY event.learned_at
LIMIT ? OFFSET ?) AS anon_1 UNION ALL SELECT anon_2.at
FROM (SELECT enrolment.due_at AS at
FROM enrolment
WHERE enrolment.due_at IS NOT NULL ORDER BY enrolment.due_at
LIMIT ? OFFSET ?) AS anon_2 UNION ALL SELECT anon_3.at
FROM (SELECT lead.wake_at AS at
FROM lead
WHERE lead.wake_at IS NOT NULL ORDER BY lead.wake_at
LIMIT ? OFFSET ?) AS anon_3;

-- lock_leads

-- load_cases
SELECT lead.id, lead.seed, lead.email, lead.name, lead.first_name, lead.last_name, lead.phone, lead.company,
    lead.company_size, lead.position, lead.country, lead.region, lead.city, lead.language, lead.timezone,
    lead.interest, lead.website, lead.source, lead.owner, lead.stage, lead.temperature, lead.score,
    lead.behaviour, lead.behaviour_at, lead.profile, lead.score_topics, lead.mql_fired, lead.consent,
    lead.topics, lead.tags, lead.own, lead.refused_at, lead.refusal_reason, lead.postponed_until,
    lead.absent_until, lead.wake_at, lead.created_at, lead.erased_at
FROM lead
WHERE lead.id IN (…);
SELECT pause.scope
FROM pause;
SELECT suppression.hash, suppression.lead_id
FROM suppression
WHERE suppression.hash IN (…) OR suppression.lead_id IN (…);
SELECT address.value
FROM address
WHERE address.kind = ? AND address.value IN (…) AND address.bounce = ?;
SELECT enrolment.id, enrolment.lead_id, enrolment.run, enrolment.campaign, enrolment.version,
    enrolment.entered_version, enrolment."each", enrolment.state, enrolment.step, enrolment.waiting,
    enrolment.entered_at, enrolment.arrived_at, enrolment.due_at, enrolment.entry, enrolment.last_event,
    enrolment.rest, enrolment.ended_at, enrolment.why
FROM enrolment
WHERE enrolment.lead_id IN (…) ORDER BY enrolment.id;
SELECT event.id, event.lead_id, event.type, event.at, event.learned_at, event.data, event."key", event.depth,
    event.handled_at
FROM event
WHERE event.lead_id IN (…) AND event.handled_at IS NULL ORDER BY event.learned_at, event.id;
SELECT event.id, event.lead_id, event.type, event.at, event.learned_at, event.data, event."key", event.depth,
    event.handled_at
FROM event
WHERE event.lead_id IN (…) AND event.handled_at IS NOT NULL AND (event.type IN (…) OR event.type LIKE ?) ORDER
    BY event.learned_at, event.id;
SELECT message.lead_id, message.run, message.campaign, message.step, message.template, message.planned_at,
    message.occasion, message.occurrence, message.service, message.opened_at, message.clicked_at,
    message.replied_at
FROM message
WHERE message.lead_id IN (…) AND message.state != ? ORDER BY message.planned_at, message.id;
SELECT score_entry.lead_id, score_entry.kind, score_entry.rule, score_entry.reason, score_entry.points,
    score_entry.at
FROM score_entry
WHERE score_entry.lead_id IN (…) AND score_entry.withdrawn_at IS NULL ORDER BY score_entry.id;
SELECT task.lead_id, task.once
FROM task
WHERE task.lead_id IN (…) AND task.once IS NOT NULL AND task.state IN (…);

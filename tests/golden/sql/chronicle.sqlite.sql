-- events_after
SELECT event.id, event.type, event.at, event.learned_at, event.data, lead.email
FROM event JOIN lead ON lead.id = event.lead_id
WHERE event.id > ? ORDER BY event.id;

-- tasks_after
SELECT task.id, task.lead_id, task.run, task.step, task.text, task.who, task.colleague, task.kind, task.state,
    task.due_at, task.results, task.releases, task.once, task.data, task.result, task.note, task.created_at,
    task.done_at, lead.email
FROM task LEFT OUTER JOIN lead ON lead.id = task.lead_id
WHERE task.id > ? ORDER BY task.id;

-- mails_after
SELECT received.id, received.mailbox, received.content, received.uid, received.received_at, received.state,
    received.failures, received.kind, received.intent, received.verdict, received.lead_id,
    received.message_ref, received.matched_by, received.sender, received.handled_at, lead.email
FROM received LEFT OUTER JOIN lead ON lead.id = received.lead_id
WHERE received.id > ? AND received.state = ? ORDER BY received.id;

-- held_up
SELECT message.id, message.state, message.template, message.reply_text, lead.email
FROM message JOIN lead ON lead.id = message.lead_id
WHERE message.state IN (…) ORDER BY message.id;

-- all_messages
SELECT message.id, message.lead_id, message.run, message.campaign, message.version, message.step,
    message.template, message.locale, message.occurrence, message.occasion, message.send_key, message.state,
    message.planned_at, message.next_at, message.service, message.sender, message.thread_first,
    message.in_doubt, message.latest, message.window_open_until, message.stages, message.recipient,
    message.recipient_hash, message.envelope_from, message.message_id, message."references", message.subject,
    message.owner, message.lease_until, message.attempt, message.first_tried_at, message.marked_at,
    message.sent_at, message.reply_code, message.reply_text, message.assumed, message.opened_at,
    message.clicked_at, message.replied_at, message.why, message.created_at, lead.email
FROM message JOIN lead ON lead.id = message.lead_id ORDER BY message.id;

-- all_runs
SELECT enrolment.id, enrolment.lead_id, enrolment.run, enrolment.campaign, enrolment.version,
    enrolment.entered_version, enrolment."each", enrolment.state, enrolment.step, enrolment.waiting,
    enrolment.entered_at, enrolment.arrived_at, enrolment.due_at, enrolment.entry, enrolment.last_event,
    enrolment.rest, enrolment.ended_at, enrolment.why, lead.email
FROM enrolment JOIN lead ON lead.id = enrolment.lead_id ORDER BY enrolment.id;

-- all_leads
SELECT lead.id, lead.seed, lead.email, lead.name, lead.first_name, lead.last_name, lead.phone, lead.company,
    lead.company_size, lead.position, lead.country, lead.region, lead.city, lead.language, lead.timezone,
    lead.interest, lead.website, lead.source, lead.owner, lead.stage, lead.temperature, lead.score,
    lead.behaviour, lead.behaviour_at, lead.profile, lead.score_topics, lead.mql_fired, lead.consent,
    lead.topics, lead.tags, lead.own, lead.refused_at, lead.refusal_reason, lead.postponed_until,
    lead.absent_until, lead.wake_at, lead.created_at, lead.erased_at
FROM lead
WHERE lead.erased_at IS NULL ORDER BY lead.id;

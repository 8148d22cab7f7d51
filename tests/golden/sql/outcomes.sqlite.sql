-- save_cases
UPDATE lead SET stage=?, tags=? WHERE lead.id = ?;
INSERT INTO enrolment (lead_id, run, campaign, version, entered_version, "each", state, step, waiting,
    entered_at, arrived_at, due_at, entry, last_event, rest, ended_at, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?,
    ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE enrolment SET state=?, due_at=?, rest=?, ended_at=? WHERE enrolment.id = ?;
UPDATE event SET handled_at=? WHERE event.id = ?;
INSERT INTO event (lead_id, type, at, learned_at, data, depth, handled_at) VALUES (?, ?, ?, ?, ?, ?, ?);
INSERT INTO message (lead_id, run, campaign, version, step, template, occurrence, occasion, send_key, state,
    planned_at, next_at, service, sender, thread_first, in_doubt, latest, window_open_until, stages, "values",
    attempt, assumed, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING;
UPDATE message SET stages=(message.stages || ?) WHERE message.lead_id = ? AND message.run = ? AND
    message.stages IS NOT NULL AND (message.state = ? OR message.state = ? OR message.state = ? OR
    message.state = ?);
UPDATE message SET state=?, next_at=?, why=? WHERE message.lead_id = ? AND message.run = ? AND (message.state
    = ? OR message.state = ? OR message.state = ?) AND message.planned_at != ? AND message.service IS NULL;
UPDATE message SET state=?, next_at=?, why=? WHERE message.lead_id = ? AND (message.state = ? OR message.state
    = ? OR message.state = ?);
INSERT INTO score_entry (lead_id, points, kind, rule, reason, at, event_id) VALUES (?, ?, ?, ?, ?, ?, ?);
INSERT INTO task (lead_id, run, step, text, who, colleague, kind, state, due_at, results, releases, once,
    data, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING;
INSERT INTO delivery (kind, target, payload, state, attempts, next_at, lead_id, created_at) VALUES (?, ?, ?,
    ?, ?, ?, ?, ?);
INSERT INTO suppression (hash, address, lead_id, reason, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING;
INSERT INTO trace (lead_id, run, step, at, word, text) VALUES (?, ?, ?, ?, ?, ?);

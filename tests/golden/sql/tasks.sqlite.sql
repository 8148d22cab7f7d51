-- open_once lead_id=1
INSERT INTO task (lead_id, run, step, text, who, colleague, kind, state, releases, once, created_at) VALUES
    (?, ?, ?, ?, ?, (SELECT lead.owner
FROM lead
WHERE lead.id = ?), ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING;

-- open_once lead_id=None
SELECT task.id
FROM task
WHERE task.lead_id IS NULL AND task.once = ? AND task.state = ?
LIMIT ? OFFSET ?;
INSERT INTO task (lead_id, run, step, text, who, kind, state, releases, once, created_at) VALUES (?, ?, ?, ?,
    ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING;

-- open_task
INSERT INTO task (lead_id, run, step, who, kind, state, releases) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id;

-- get
SELECT task.id, task.lead_id, task.run, task.step, task.text, task.who, task.colleague, task.kind, task.state,
    task.due_at, task.results, task.releases, task.once, task.data, task.result, task.note, task.created_at,
    task.done_at
FROM task
WHERE task.id = ?;

-- finish
UPDATE task SET state=?, result=?, note=?, done_at=? WHERE task.id = ? AND task.state = ?;

-- listed
SELECT task.id, task.lead_id, task.run, task.step, task.text, task.who, task.colleague, task.kind, task.state,
    task.due_at, task.results, task.releases, task.once, task.data, task.result, task.note, task.created_at,
    task.done_at, lead.email AS lead_email, lead.name AS lead_name
FROM task LEFT OUTER JOIN lead ON lead.id = task.lead_id
WHERE task.state = ? ORDER BY task.due_at IS NULL, task.due_at, task.id
LIMIT ? OFFSET ?;

-- listed lead_id=1 state=None
SELECT task.id, task.lead_id, task.run, task.step, task.text, task.who, task.colleague, task.kind, task.state,
    task.due_at, task.results, task.releases, task.once, task.data, task.result, task.note, task.created_at,
    task.done_at, lead.email AS lead_email, lead.name AS lead_name
FROM task LEFT OUTER JOIN lead ON lead.id = task.lead_id
WHERE task.lead_id = ? ORDER BY task.due_at IS NULL, task.due_at, task.id
LIMIT ? OFFSET ?;

-- give
UPDATE task SET colleague=? WHERE task.lead_id = ? AND task.who = ? AND task.colleague IS NULL AND task.state
    = ?;

-- overdue
SELECT task.id, task.lead_id, task.run, task.step, task.text, task.who, task.colleague, task.kind, task.state,
    task.due_at, task.results, task.releases, task.once, task.data, task.result, task.note, task.created_at,
    task.done_at
FROM task
WHERE task.state = ? AND task.due_at <= ? ORDER BY task.due_at
LIMIT ? OFFSET ?;

-- mark_overdue
UPDATE task SET state=? WHERE task.id IN (…) AND task.state = ?;

-- escalate
UPDATE task SET colleague=? WHERE task.state IN (…) AND task.due_at > ? AND task.due_at <= ?;

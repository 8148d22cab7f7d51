-- open_once lead_id=1
INSERT INTO task (lead_id, run, step, text, who, colleague, kind, state, releases, once, created_at) VALUES
    ($1::BIGINT, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, (SELECT lead.owner
FROM lead
WHERE lead.id = $6::BIGINT), $7::VARCHAR, $8::VARCHAR, $9::BOOLEAN, $10::VARCHAR, $11::TIMESTAMP WITH TIME
    ZONE) ON CONFLICT DO NOTHING RETURNING task.id;

-- open_once lead_id=None
SELECT task.id
FROM task
WHERE task.lead_id IS NULL AND task.once = $1::VARCHAR AND task.state = $2::VARCHAR
LIMIT $3::INTEGER;
INSERT INTO task (lead_id, run, step, text, who, kind, state, releases, once, created_at) VALUES ($1::BIGINT,
    $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR, $8::BOOLEAN, $9::VARCHAR,
    $10::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING RETURNING task.id;

-- open_task
INSERT INTO task (lead_id, run, step, who, kind, state, releases) VALUES ($1::BIGINT, $2::VARCHAR,
    $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::BOOLEAN) RETURNING task.id;

-- get
SELECT task.id, task.lead_id, task.run, task.step, task.text, task.who, task.colleague, task.kind, task.state,
    task.due_at, task.results, task.releases, task.once, task.data, task.result, task.note, task.created_at,
    task.done_at
FROM task
WHERE task.id = $1::BIGINT;

-- finish
UPDATE task SET state=$1::VARCHAR, result=$2::VARCHAR, note=$3::VARCHAR, done_at=$4::TIMESTAMP WITH TIME ZONE
    WHERE task.id = $5::BIGINT AND task.state = $6::VARCHAR;

-- listed
SELECT task.id, task.lead_id, task.run, task.step, task.text, task.who, task.colleague, task.kind, task.state,
    task.due_at, task.results, task.releases, task.once, task.data, task.result, task.note, task.created_at,
    task.done_at, lead.email AS lead_email, lead.name AS lead_name
FROM task LEFT OUTER JOIN lead ON lead.id = task.lead_id
WHERE task.state = $1::VARCHAR ORDER BY task.due_at IS NULL, task.due_at, task.id
LIMIT $2::INTEGER;

-- listed lead_id=1 state=None
SELECT task.id, task.lead_id, task.run, task.step, task.text, task.who, task.colleague, task.kind, task.state,
    task.due_at, task.results, task.releases, task.once, task.data, task.result, task.note, task.created_at,
    task.done_at, lead.email AS lead_email, lead.name AS lead_name
FROM task LEFT OUTER JOIN lead ON lead.id = task.lead_id
WHERE task.lead_id = $1::BIGINT ORDER BY task.due_at IS NULL, task.due_at, task.id
LIMIT $2::INTEGER;

-- give
UPDATE task SET colleague=$1::VARCHAR WHERE task.lead_id = $2::BIGINT AND task.who = $3::VARCHAR AND
    task.colleague IS NULL AND task.state = $4::VARCHAR;

-- overdue
SELECT task.id, task.lead_id, task.run, task.step, task.text, task.who, task.colleague, task.kind, task.state,
    task.due_at, task.results, task.releases, task.once, task.data, task.result, task.note, task.created_at,
    task.done_at
FROM task
WHERE task.state = $1::VARCHAR AND task.due_at <= $2::TIMESTAMP WITH TIME ZONE ORDER BY task.due_at
LIMIT $3::INTEGER;

-- mark_overdue
UPDATE task SET state=$1::VARCHAR WHERE task.id IN (…) AND task.state = $2::VARCHAR;

-- escalate
UPDATE task SET colleague=$1::VARCHAR WHERE task.state IN (…) AND task.due_at > $2::TIMESTAMP WITH TIME ZONE
    AND task.due_at <= $3::TIMESTAMP WITH TIME ZONE;

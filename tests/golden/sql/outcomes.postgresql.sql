-- save_cases
UPDATE lead SET stage=$1::VARCHAR, tags=$2::VARCHAR WHERE lead.id = $3::BIGINT;
INSERT INTO enrolment (lead_id, run, campaign, version, entered_version, each, state, step, waiting,
    entered_at, arrived_at, due_at, entry, last_event, rest, ended_at, why) VALUES ($1::BIGINT, $2::VARCHAR,
    $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR, $8::VARCHAR, $9::BOOLEAN, $10::TIMESTAMP
    WITH TIME ZONE, $11::TIMESTAMP WITH TIME ZONE, $12::TIMESTAMP WITH TIME ZONE, $13::VARCHAR, $14::VARCHAR,
    $15::VARCHAR, $16::TIMESTAMP WITH TIME ZONE, $17::VARCHAR);
UPDATE enrolment SET state=$1::VARCHAR, due_at=$2::TIMESTAMP WITH TIME ZONE, rest=$3::VARCHAR,
    ended_at=$4::TIMESTAMP WITH TIME ZONE WHERE enrolment.id = $5::BIGINT;
UPDATE event SET handled_at=$1::TIMESTAMP WITH TIME ZONE WHERE event.id = $2::BIGINT;
INSERT INTO event (lead_id, type, at, learned_at, data, depth, handled_at) VALUES ($1::BIGINT, $2::VARCHAR,
    $3::TIMESTAMP WITH TIME ZONE, $4::TIMESTAMP WITH TIME ZONE, $5::VARCHAR, $6::INTEGER, $7::TIMESTAMP WITH
    TIME ZONE);
INSERT INTO message (lead_id, run, campaign, version, step, template, occurrence, occasion, send_key, state,
    planned_at, next_at, service, sender, thread_first, in_doubt, latest, window_open_until, stages, values,
    attempt, assumed, created_at) VALUES ($1::BIGINT, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR,
    $6::VARCHAR, $7::VARCHAR, $8::VARCHAR, $9::VARCHAR, $10::VARCHAR, $11::TIMESTAMP WITH TIME ZONE,
    $12::TIMESTAMP WITH TIME ZONE, $13::VARCHAR, $14::VARCHAR, $15::BOOLEAN, $16::VARCHAR, $17::TIMESTAMP WITH
    TIME ZONE, $18::TIMESTAMP WITH TIME ZONE, $19::VARCHAR, $20::VARCHAR, $21::INTEGER, $22::BOOLEAN,
    $23::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING;
UPDATE message SET stages=(message.stages || $1::VARCHAR) WHERE message.lead_id = $2::BIGINT AND message.run =
    $3::VARCHAR AND message.stages IS NOT NULL AND (message.state = $4::VARCHAR OR message.state = $5::VARCHAR
    OR message.state = $6::VARCHAR OR message.state = $7::VARCHAR);
UPDATE message SET state=$1::VARCHAR, next_at=$2::TIMESTAMP WITH TIME ZONE, why=$3::VARCHAR WHERE
    message.lead_id = $4::BIGINT AND message.run = $5::VARCHAR AND (message.state = $6::VARCHAR OR
    message.state = $7::VARCHAR OR message.state = $8::VARCHAR) AND message.planned_at != $9::TIMESTAMP WITH
    TIME ZONE AND message.service IS NULL;
UPDATE message SET state=$1::VARCHAR, next_at=$2::TIMESTAMP WITH TIME ZONE, why=$3::VARCHAR WHERE
    message.lead_id = $4::BIGINT AND (message.state = $5::VARCHAR OR message.state = $6::VARCHAR OR
    message.state = $7::VARCHAR);
INSERT INTO score_entry (lead_id, points, kind, rule, reason, at, event_id) VALUES ($1::BIGINT, $2::INTEGER,
    $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::TIMESTAMP WITH TIME ZONE, $7::INTEGER);
INSERT INTO task (lead_id, run, step, text, who, colleague, kind, state, due_at, results, releases, once,
    data, created_at) VALUES ($1::BIGINT, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR,
    $7::VARCHAR, $8::VARCHAR, $9::TIMESTAMP WITH TIME ZONE, $10::VARCHAR, $11::BOOLEAN, $12::VARCHAR,
    $13::VARCHAR, $14::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING;
INSERT INTO delivery (kind, target, payload, state, attempts, next_at, lead_id, created_at) VALUES
    ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::INTEGER, $6::TIMESTAMP WITH TIME ZONE,
    $7::BIGINT, $8::TIMESTAMP WITH TIME ZONE);
INSERT INTO suppression (hash, address, lead_id, reason, at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::BIGINT,
    $4::VARCHAR, $5::TIMESTAMP WITH TIME ZONE) ON CONFLICT DO NOTHING;
INSERT INTO trace (lead_id, run, step, at, word, text) VALUES ($1::BIGINT, $2::VARCHAR, $3::VARCHAR,
    $4::TIMESTAMP WITH TIME ZONE, $5::VARCHAR, $6::VARCHAR);

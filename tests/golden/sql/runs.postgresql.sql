-- of_lead
SELECT enrolment.id, enrolment.lead_id, enrolment.run, enrolment.campaign, enrolment.version,
    enrolment.entered_version, enrolment.each, enrolment.state, enrolment.step, enrolment.waiting,
    enrolment.entered_at, enrolment.arrived_at, enrolment.due_at, enrolment.entry, enrolment.last_event,
    enrolment.rest, enrolment.ended_at, enrolment.why
FROM enrolment
WHERE enrolment.lead_id = $1::BIGINT ORDER BY enrolment.id;

-- counts
SELECT enrolment.campaign, enrolment.state, count(*) AS count_1
FROM enrolment GROUP BY enrolment.campaign, enrolment.state;

-- count_due
SELECT count(*) AS count_1
FROM enrolment
WHERE enrolment.due_at IS NOT NULL AND enrolment.due_at <= $1::TIMESTAMP WITH TIME ZONE;

-- open_in
SELECT DISTINCT enrolment.lead_id
FROM enrolment
WHERE enrolment.campaign IN (…) AND enrolment.state IN (…) AND enrolment.lead_id > $1::BIGINT ORDER BY
    enrolment.lead_id
LIMIT $2::INTEGER;

-- take_all_out
INSERT INTO event (lead_id, type, at, learned_at, data, depth) SELECT DISTINCT enrolment.lead_id, $1::VARCHAR
    AS anon_1, $2::TIMESTAMP WITH TIME ZONE AS anon_2, $3::TIMESTAMP WITH TIME ZONE AS anon_3, $4::VARCHAR AS
    anon_4, $5::INTEGER AS anon_5
FROM enrolment
WHERE enrolment.campaign = $6::VARCHAR AND enrolment.state IN (…);

-- current
SELECT version.campaign, version.hash, version.text
FROM version
WHERE version.current;

-- in_use
SELECT version.campaign, version.hash, version.text
FROM version JOIN (SELECT DISTINCT enrolment.campaign AS campaign, enrolment.version AS version
FROM enrolment
WHERE enrolment.state IN (…)) AS anon_1 ON anon_1.campaign = version.campaign AND anon_1.version =
    version.hash;

-- make_current
UPDATE version SET current=$1::BOOLEAN WHERE version.campaign = $2::VARCHAR AND version.current;
INSERT INTO version (campaign, hash, text, applied_at, current) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR,
    $4::TIMESTAMP WITH TIME ZONE, $5::BOOLEAN) ON CONFLICT DO NOTHING RETURNING version.id;
UPDATE version SET current=$1::BOOLEAN WHERE version.campaign = $2::VARCHAR AND version.hash = $3::VARCHAR;

-- retire
UPDATE version SET current=$1::BOOLEAN WHERE version.campaign = $2::VARCHAR AND version.current;

-- standing
SELECT enrolment.step, count(*) AS count_1
FROM enrolment
WHERE enrolment.campaign IN (…) AND enrolment.state IN (…) AND enrolment.step IS NOT NULL GROUP BY
    enrolment.step;

-- behind
SELECT DISTINCT enrolment.lead_id
FROM enrolment
WHERE enrolment.campaign IN (…) AND enrolment.state IN (…) AND enrolment.version != $1::VARCHAR
LIMIT $2::INTEGER;

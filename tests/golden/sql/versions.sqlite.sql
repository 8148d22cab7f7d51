-- current
SELECT version.campaign, version.hash, version.text
FROM version
WHERE version.current = 1;

-- in_use
SELECT version.campaign, version.hash, version.text
FROM version JOIN (SELECT DISTINCT enrolment.campaign AS campaign, enrolment.version AS version
FROM enrolment
WHERE enrolment.state IN (…)) AS anon_1 ON anon_1.campaign = version.campaign AND anon_1.version =
    version.hash;

-- make_current
UPDATE version SET current=? WHERE version.campaign = ? AND version.current = 1;
INSERT INTO version (campaign, hash, text, applied_at, current) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING;
UPDATE version SET current=? WHERE version.campaign = ? AND version.hash = ?;

-- retire
UPDATE version SET current=? WHERE version.campaign = ? AND version.current = 1;

-- standing
SELECT enrolment.step, count(*) AS count_1
FROM enrolment
WHERE enrolment.campaign IN (…) AND enrolment.state IN (…) AND enrolment.step IS NOT NULL GROUP BY
    enrolment.step;

-- behind
SELECT DISTINCT enrolment.lead_id
FROM enrolment
WHERE enrolment.campaign IN (…) AND enrolment.state IN (…) AND enrolment.version != ?
LIMIT ? OFFSET ?;

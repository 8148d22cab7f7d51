-- find_by_email
SELECT address.lead_id
FROM address
WHERE address.kind = $1::VARCHAR AND address.value = $2::VARCHAR;

-- find_by_phone
SELECT address.lead_id
FROM address
WHERE address.kind = $1::VARCHAR AND address.value = $2::VARCHAR;

-- find_by_emails
SELECT address.value, address.lead_id
FROM address
WHERE address.kind = $1::VARCHAR AND address.value IN (…);

-- add_lead
INSERT INTO lead (seed, email, name, phone, stage, temperature, score, behaviour, profile, mql_fired, consent,
    own, created_at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR,
    $7::INTEGER, $8::FLOAT, $9::INTEGER, $10::BOOLEAN, $11::VARCHAR, $12::VARCHAR, $13::TIMESTAMP WITH TIME
    ZONE) RETURNING lead.id;
INSERT INTO address (lead_id, kind, value, domain, written, soft_bounces, created_at) VALUES ($1::BIGINT,
    $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::INTEGER, $7::TIMESTAMP WITH TIME ZONE) ON CONFLICT
    DO NOTHING;

-- add_addresses
INSERT INTO address (lead_id, kind, value, domain, written, soft_bounces, created_at) VALUES ($1::BIGINT,
    $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::INTEGER, $7::TIMESTAMP WITH TIME ZONE) ON CONFLICT
    DO NOTHING;

-- set_fields
SELECT lead.own
FROM lead
WHERE lead.id = $1::BIGINT;
UPDATE lead SET email=$1::VARCHAR, name=$2::VARCHAR, phone=$3::VARCHAR, own=$4::VARCHAR WHERE lead.id =
    $5::BIGINT;

-- lock
SELECT lead.id, lead.seed, lead.email, lead.name, lead.first_name, lead.last_name, lead.phone, lead.company,
    lead.company_size, lead.position, lead.country, lead.region, lead.city, lead.language, lead.timezone,
    lead.interest, lead.website, lead.source, lead.owner, lead.stage, lead.temperature, lead.score,
    lead.behaviour, lead.behaviour_at, lead.profile, lead.score_topics, lead.mql_fired, lead.consent,
    lead.topics, lead.tags, lead.own, lead.refused_at, lead.refusal_reason, lead.postponed_until,
    lead.absent_until, lead.wake_at, lead.created_at, lead.erased_at
FROM lead
WHERE lead.id = $1::BIGINT FOR UPDATE;

-- get
SELECT lead.id, lead.seed, lead.email, lead.name, lead.first_name, lead.last_name, lead.phone, lead.company,
    lead.company_size, lead.position, lead.country, lead.region, lead.city, lead.language, lead.timezone,
    lead.interest, lead.website, lead.source, lead.owner, lead.stage, lead.temperature, lead.score,
    lead.behaviour, lead.behaviour_at, lead.profile, lead.score_topics, lead.mql_fired, lead.consent,
    lead.topics, lead.tags, lead.own, lead.refused_at, lead.refusal_reason, lead.postponed_until,
    lead.absent_until, lead.wake_at, lead.created_at, lead.erased_at
FROM lead
WHERE lead.id = $1::BIGINT;

-- search
SELECT lead.id, lead.seed, lead.email, lead.name, lead.first_name, lead.last_name, lead.phone, lead.company,
    lead.company_size, lead.position, lead.country, lead.region, lead.city, lead.language, lead.timezone,
    lead.interest, lead.website, lead.source, lead.owner, lead.stage, lead.temperature, lead.score,
    lead.behaviour, lead.behaviour_at, lead.profile, lead.score_topics, lead.mql_fired, lead.consent,
    lead.topics, lead.tags, lead.own, lead.refused_at, lead.refusal_reason, lead.postponed_until,
    lead.absent_until, lead.wake_at, lead.created_at, lead.erased_at
FROM lead
WHERE lead.erased_at IS NULL ORDER BY lead.id DESC
LIMIT $1::INTEGER;

-- search text='ada' stage='new'
SELECT lead.id, lead.seed, lead.email, lead.name, lead.first_name, lead.last_name, lead.phone, lead.company,
    lead.company_size, lead.position, lead.country, lead.region, lead.city, lead.language, lead.timezone,
    lead.interest, lead.website, lead.source, lead.owner, lead.stage, lead.temperature, lead.score,
    lead.behaviour, lead.behaviour_at, lead.profile, lead.score_topics, lead.mql_fired, lead.consent,
    lead.topics, lead.tags, lead.own, lead.refused_at, lead.refusal_reason, lead.postponed_until,
    lead.absent_until, lead.wake_at, lead.created_at, lead.erased_at
FROM lead
WHERE lead.erased_at IS NULL AND ((lower(lead.email) LIKE '%' || $1::VARCHAR || '%' ESCAPE '/') OR
    (lower(lead.name) LIKE '%' || $2::VARCHAR || '%' ESCAPE '/') OR (lower(lead.company) LIKE '%' ||
    $3::VARCHAR || '%' ESCAPE '/')) AND lead.stage = $4::VARCHAR ORDER BY lead.id DESC
LIMIT $5::INTEGER;

-- mark_verified
UPDATE address SET verified_at=$1::TIMESTAMP WITH TIME ZONE, verified_how=$2::VARCHAR WHERE address.lead_id =
    $3::BIGINT AND address.kind = $4::VARCHAR AND address.value = $5::VARCHAR;

-- mark_bounced kind='hard'
UPDATE address SET bounce=$1::VARCHAR, bounced_at=$2::TIMESTAMP WITH TIME ZONE WHERE address.kind =
    $3::VARCHAR AND address.value = $4::VARCHAR;
SELECT address.soft_bounces
FROM address
WHERE address.kind = $1::VARCHAR AND address.value = $2::VARCHAR;

-- mark_bounced kind='soft'
UPDATE address SET bounced_at=$1::TIMESTAMP WITH TIME ZONE, soft_bounces=(address.soft_bounces + $2::INTEGER)
    WHERE address.kind = $3::VARCHAR AND address.value = $4::VARCHAR;
SELECT address.soft_bounces
FROM address
WHERE address.kind = $1::VARCHAR AND address.value = $2::VARCHAR;

-- loads
SELECT lead.owner, count(*) AS count_1
FROM lead
WHERE lead.owner IS NOT NULL AND (lead.stage NOT IN (…)) GROUP BY lead.owner;

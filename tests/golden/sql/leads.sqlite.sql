-- find_by_email
SELECT address.lead_id
FROM address
WHERE address.kind = ? AND address.value = ?;

-- find_by_phone
SELECT address.lead_id
FROM address
WHERE address.kind = ? AND address.value = ?;

-- find_by_emails
SELECT address.value, address.lead_id
FROM address
WHERE address.kind = ? AND address.value IN (…);

-- add_lead
INSERT INTO lead (seed, email, name, phone, stage, temperature, score, behaviour, profile, mql_fired, consent,
    own, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id;
INSERT INTO address (lead_id, kind, value, domain, written, soft_bounces, created_at) VALUES (?, ?, ?, ?, ?,
    ?, ?) ON CONFLICT DO NOTHING;

-- add_addresses
INSERT INTO address (lead_id, kind, value, domain, written, soft_bounces, created_at) VALUES (?, ?, ?, ?, ?,
    ?, ?) ON CONFLICT DO NOTHING;

-- set_fields
SELECT lead.own
FROM lead
WHERE lead.id = ?;
UPDATE lead SET email=?, name=?, phone=?, own=? WHERE lead.id = ?;

-- lock
SELECT lead.id, lead.seed, lead.email, lead.name, lead.first_name, lead.last_name, lead.phone, lead.company,
    lead.company_size, lead.position, lead.country, lead.region, lead.city, lead.language, lead.timezone,
    lead.interest, lead.website, lead.source, lead.owner, lead.stage, lead.temperature, lead.score,
    lead.behaviour, lead.behaviour_at, lead.profile, lead.score_topics, lead.mql_fired, lead.consent,
    lead.topics, lead.tags, lead.own, lead.refused_at, lead.refusal_reason, lead.postponed_until,
    lead.absent_until, lead.wake_at, lead.created_at, lead.erased_at
FROM lead
WHERE lead.id = ?;

-- get
SELECT lead.id, lead.seed, lead.email, lead.name, lead.first_name, lead.last_name, lead.phone, lead.company,
    lead.company_size, lead.position, lead.country, lead.region, lead.city, lead.language, lead.timezone,
    lead.interest, lead.website, lead.source, lead.owner, lead.stage, lead.temperature, lead.score,
    lead.behaviour, lead.behaviour_at, lead.profile, lead.score_topics, lead.mql_fired, lead.consent,
    lead.topics, lead.tags, lead.own, lead.refused_at, lead.refusal_reason, lead.postponed_until,
    lead.absent_until, lead.wake_at, lead.created_at, lead.erased_at
FROM lead
WHERE lead.id = ?;

-- search
SELECT lead.id, lead.seed, lead.email, lead.name, lead.first_name, lead.last_name, lead.phone, lead.company,
    lead.company_size, lead.position, lead.country, lead.region, lead.city, lead.language, lead.timezone,
    lead.interest, lead.website, lead.source, lead.owner, lead.stage, lead.temperature, lead.score,
    lead.behaviour, lead.behaviour_at, lead.profile, lead.score_topics, lead.mql_fired, lead.consent,
    lead.topics, lead.tags, lead.own, lead.refused_at, lead.refusal_reason, lead.postponed_until,
    lead.absent_until, lead.wake_at, lead.created_at, lead.erased_at
FROM lead
WHERE lead.erased_at IS NULL ORDER BY lead.id DESC
LIMIT ? OFFSET ?;

-- search text='ada' stage='new'
SELECT lead.id, lead.seed, lead.email, lead.name, lead.first_name, lead.last_name, lead.phone, lead.company,
    lead.company_size, lead.position, lead.country, lead.region, lead.city, lead.language, lead.timezone,
    lead.interest, lead.website, lead.source, lead.owner, lead.stage, lead.temperature, lead.score,
    lead.behaviour, lead.behaviour_at, lead.profile, lead.score_topics, lead.mql_fired, lead.consent,
    lead.topics, lead.tags, lead.own, lead.refused_at, lead.refusal_reason, lead.postponed_until,
    lead.absent_until, lead.wake_at, lead.created_at, lead.erased_at
FROM lead
WHERE lead.erased_at IS NULL AND ((lower(lead.email) LIKE '%' || ? || '%' ESCAPE '/') OR (lower(lead.name)
    LIKE '%' || ? || '%' ESCAPE '/') OR (lower(lead.company) LIKE '%' || ? || '%' ESCAPE '/')) AND lead.stage
    = ? ORDER BY lead.id DESC
LIMIT ? OFFSET ?;

-- mark_verified
UPDATE address SET verified_at=?, verified_how=? WHERE address.lead_id = ? AND address.kind = ? AND
    address.value = ?;

-- mark_bounced kind='hard'
UPDATE address SET bounce=?, bounced_at=? WHERE address.kind = ? AND address.value = ?;
SELECT address.soft_bounces
FROM address
WHERE address.kind = ? AND address.value = ?;

-- mark_bounced kind='soft'
UPDATE address SET bounced_at=?, soft_bounces=(address.soft_bounces + ?) WHERE address.kind = ? AND
    address.value = ?;
SELECT address.soft_bounces
FROM address
WHERE address.kind = ? AND address.value = ?;

-- loads
SELECT lead.owner, count(*) AS count_1
FROM lead
WHERE lead.owner IS NOT NULL AND (lead.stage NOT IN (…)) GROUP BY lead.owner;

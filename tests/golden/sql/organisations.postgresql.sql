-- leads_at
SELECT lead.id, lead.name, lead.email
FROM lead
WHERE lead.id IN (SELECT anon_1.lead_id
FROM (SELECT address.lead_id AS lead_id
FROM address
WHERE address.domain IN (…) AND address.domain IS NOT NULL ORDER BY address.id DESC
LIMIT $1::INTEGER) AS anon_1) AND lead.erased_at IS NULL ORDER BY coalesce((SELECT max(message.id) AS max_1
FROM message
WHERE message.lead_id = lead.id), $2::INTEGER) DESC, lead.id
LIMIT $3::INTEGER;

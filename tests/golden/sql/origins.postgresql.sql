-- origin
SELECT message.id AS message, message.lead_id, message.campaign, message.run, message.step, message.template,
    lead.language, lead.country, lead.erased_at IS NOT NULL AS erased
FROM message JOIN lead ON lead.id = message.lead_id
WHERE message.id = $1::BIGINT;

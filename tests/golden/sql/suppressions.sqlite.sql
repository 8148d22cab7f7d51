-- suppress_lead
SELECT address.written
FROM address
WHERE address.lead_id = ? AND address.kind = ?;
INSERT INTO suppression (hash, address, lead_id, reason, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING;
UPDATE message SET state=?, next_at=?, why=? WHERE message.lead_id = ? AND message.state IN (…);

-- suppress
INSERT INTO suppression (hash, address, lead_id, reason, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING;

-- lift
DELETE FROM suppression WHERE suppression.hash = ?;

-- lift lead_id=1
DELETE FROM suppression WHERE suppression.hash = ? OR suppression.lead_id = ?;

-- is_suppressed
SELECT suppression.id
FROM suppression
WHERE suppression.hash = ?;

-- listed
SELECT suppression.id, suppression.hash, suppression.address, suppression.lead_id, suppression.reason,
    suppression.at
FROM suppression ORDER BY suppression.id DESC
LIMIT ? OFFSET ?;

-- keep_consent
INSERT INTO consent (lead_id, topic, given, wording, proof, at) VALUES (?, ?, ?, ?, ?, ?);

-- consents_of
SELECT consent.id, consent.lead_id, consent.topic, consent.given, consent.wording, consent.proof, consent.at
FROM consent
WHERE consent.lead_id = ? ORDER BY consent.id;

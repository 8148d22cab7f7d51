-- standing
SELECT address.written
FROM address
WHERE address.lead_id = ? AND address.kind = ? ORDER BY address.id;
SELECT suppression.id, suppression.hash, suppression.address, suppression.lead_id, suppression.reason,
    suppression.at
FROM suppression
WHERE suppression.lead_id = ? OR suppression.hash IN (…) ORDER BY suppression.at;

-- verified_at
SELECT address.verified_at
FROM address
WHERE address.lead_id = ? AND address.kind = ? AND address.value = ?;

-- topics
SELECT consent.topic, consent.given
FROM consent
WHERE consent.lead_id = ? ORDER BY consent.id;

-- last_confirmation
SELECT message.id, message.created_at, message.state
FROM message
WHERE message.lead_id = ? AND message.service = ? ORDER BY message.id DESC
LIMIT ? OFFSET ?;

-- queue_confirmation
INSERT INTO message (lead_id, run, occurrence, occasion, state, sender, thread_first, in_doubt, attempt,
    assumed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id;

-- submissions
SELECT event.learned_at, event.data
FROM event
WHERE event.lead_id = ? AND event.type = ? ORDER BY event.id DESC
LIMIT ? OFFSET ?;

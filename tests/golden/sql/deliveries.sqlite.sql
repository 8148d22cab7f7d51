-- claim
SELECT delivery.id
FROM delivery
WHERE delivery.next_at IS NOT NULL AND delivery.next_at <= ? ORDER BY delivery.next_at
LIMIT ? OFFSET ?;
UPDATE delivery SET attempts=(delivery.attempts + ?), next_at=? WHERE delivery.id IN (…);
SELECT delivery.id, delivery.kind, delivery.target, delivery.payload, delivery.state, delivery.attempts,
    delivery.next_at, delivery.lead_id, delivery.answer, delivery.created_at, lead.email AS lead_email,
    lead.name AS lead_name, lead.owner AS lead_owner
FROM delivery LEFT OUTER JOIN lead ON lead.id = delivery.lead_id
WHERE delivery.id IN (…) ORDER BY delivery.id;

-- settle
UPDATE delivery SET state=? WHERE delivery.id = ?;

-- next_due
SELECT delivery.next_at
FROM delivery
WHERE delivery.next_at IS NOT NULL ORDER BY delivery.next_at
LIMIT ? OFFSET ?;

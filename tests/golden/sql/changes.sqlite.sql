-- lead
UPDATE lead SET stage=? WHERE lead.id = ?;

-- task
UPDATE task SET state=? WHERE task.id = ?;

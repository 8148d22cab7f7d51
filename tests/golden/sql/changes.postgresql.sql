-- lead
UPDATE lead SET stage=$1::VARCHAR WHERE lead.id = $2::BIGINT;

-- task
UPDATE task SET state=$1::VARCHAR WHERE task.id = $2::BIGINT;

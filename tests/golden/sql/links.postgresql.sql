-- keep
INSERT INTO link (hash, url) VALUES ($1::VARCHAR, $2::VARCHAR) ON CONFLICT DO NOTHING;

-- target
SELECT link.url
FROM link
WHERE link.hash = $1::VARCHAR;

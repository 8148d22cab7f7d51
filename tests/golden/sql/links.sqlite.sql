-- keep
INSERT INTO link (hash, url) VALUES (?, ?) ON CONFLICT DO NOTHING;

-- target
SELECT link.url
FROM link
WHERE link.hash = ?;

-- all_rings
SELECT bell.name, bell.rang_at
FROM bell;

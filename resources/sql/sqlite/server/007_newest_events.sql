-- The star keeps the newest event of a project itself; batches only grow.
UPDATE dim_projects
SET event_id = (SELECT event_id FROM server_newest_events n WHERE n.kind = 'project' AND n.entity_id = dim_projects.project_id)
WHERE event_id IS NULL;
DROP TABLE server_newest_events;

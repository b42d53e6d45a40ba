-- State and retirement of a project are said here, by a coordinator or an administrator (api/projectboard): what a client tells of a
-- project that has its name already moves neither. Whatever clients tell comes with another event.
CREATE TRIGGER dim_projects_state_kept AFTER UPDATE ON dim_projects
WHEN OLD.project_name IS NOT NULL AND NEW.event_id IS NOT OLD.event_id AND (NEW.state IS NOT OLD.state OR NEW.is_active IS NOT OLD.is_active) BEGIN
    UPDATE dim_projects SET state = OLD.state, is_active = OLD.is_active WHERE project_key = OLD.project_key;
END;
CREATE INDEX dim_batches_project ON dim_batches (project_key);

-- State and retirement of a project are said here, by a coordinator or an administrator (api/projectboard): what a client tells of a
-- project that has its name already moves neither. Whatever clients tell comes with another event.
CREATE FUNCTION dim_projects_keep_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.state := OLD.state;
    NEW.is_active := OLD.is_active;
    RETURN NEW;
END
$$;
CREATE TRIGGER dim_projects_state_kept BEFORE UPDATE ON dim_projects
    FOR EACH ROW WHEN (OLD.project_name IS NOT NULL AND NEW.event_id IS DISTINCT FROM OLD.event_id) EXECUTE FUNCTION dim_projects_keep_state();
CREATE INDEX dim_batches_project ON dim_batches (project_key);

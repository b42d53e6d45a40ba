-- Two clients that name the same project of the same person have each made an id for it: the first one is the project's, these are further ones.
CREATE TABLE server_project_ids (
    further_id text PRIMARY KEY,
    project_id text NOT NULL
);

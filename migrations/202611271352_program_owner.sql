-- Why: the list of partners counts the programmes of each; without an index that reads the whole catalogue for every partner.
CREATE INDEX program_owner_idx ON program (owner_id) WHERE state = 'published';

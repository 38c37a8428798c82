"""The ground floor: tables, database, files on disk, audit trail and the meanings of failure."""

#!/bin/sh
# Runs once, when the database is made: the service's own role, which owns its database and nothing
# else. The password is read from a file by psql itself: it stands in no command line and no log.
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username postgres --dbname postgres <<'SQL'
\set password `cat /run/secrets/callcenter-password`
CREATE ROLE callcenter LOGIN PASSWORD :'password';
CREATE DATABASE callcenter OWNER callcenter;
REVOKE ALL ON DATABASE callcenter FROM PUBLIC;
SQL

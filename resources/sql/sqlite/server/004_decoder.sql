-- What opened the bytes when they were judged, and why a stored photo has no preview (PROCESSING_DECODE_FAILED,
-- VALIDATION_FORMAT_UNKNOWN): another decoder looks at those once more.
ALTER TABLE server_objects ADD COLUMN decoder TEXT;
ALTER TABLE server_objects ADD COLUMN preview_error TEXT;
CREATE INDEX server_objects_without_preview ON server_objects (decoder) WHERE preview_error IS NOT NULL;
-- What was stored before knows no decoder, and so differs from every one.
UPDATE server_objects SET preview_error = seen.error_code
  FROM (SELECT u.account_id, u.sha256, u.size, min(e.error_code) AS error_code
          FROM fact_upload_errors e
          JOIN fact_upload_attempts a ON a.upload_id = e.upload_id
          JOIN server_uploads u ON u.client_upload_id = a.client_upload_id AND u.state <> 'replaced'
         WHERE e.error_code IN ('PROCESSING_DECODE_FAILED', 'VALIDATION_FORMAT_UNKNOWN')
         GROUP BY u.account_id, u.sha256, u.size) AS seen
 WHERE server_objects.state = 'stored' AND server_objects.account_id = seen.account_id AND server_objects.sha256 = seen.sha256
   AND server_objects.size = seen.size;

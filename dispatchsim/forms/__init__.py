"""Parts of forms that the admin and the pages share."""

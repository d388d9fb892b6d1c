"""Looking for a newer Alcove: only when the person asks for it, and nothing unsigned is believed.

source     which address is asked, and whose signature counts
manifest   the signed list of the newest version's files
fetching   the two small files from that address
seen       the newest manifest that was met, so that an older one is not taken for it; none of the future counts
this_copy  what is running here, and which files would replace it
transfer   one of those files, resumed and checked, by what downloads models
next_step  what a person does with it then

Connections are opened by `models.download.connection`, as for models.
"""

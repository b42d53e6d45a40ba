<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_GB" sourcelanguage="en">
<context>
    <name>Errors</name>
    <message>
        <source>The file is no longer there</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Put the file back, or remove it from the list.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No permission to read the file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the permissions of the file and its folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Card was removed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Insert it again. Copy the card before you format it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>File changed while it was being uploaded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting for the copy to finish</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file is empty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the card and copy the photo again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This kind or size of file is not accepted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send another format, or ask the owner of the server.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A link or special file was skipped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The name is shown with substitutes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Card or disk stopped answering</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Re-insert the card, then choose Retry. Copy the card before you format it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Two reads gave different data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Do not erase the card. Try another reader or cable, then choose Retry.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The photo could not be prepared as asked</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing was sent. Change what the project asks for, or skip this photo.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sign-in expired during upload</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sign in again. Your queue is kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your storage is full</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Free some space or ask for more; uploads continue by themselves.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Transfer stops after 60 seconds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Move closer to the access point or use a cable, then choose Retry.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Connection lost</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The upload link had expired</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Storage refused the upload</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your photo stays in the list. Support must look at the server.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Storage is busy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Data was damaged on the way</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is sent again. If this comes back often, try another network.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The bytes were already on the server</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The unfinished upload was cleaned up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checksum did not match</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Do not erase the card. If it is not sent again by itself, choose Retry.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Parts of the upload are missing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>File is damaged: its end is missing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy it from the camera card again, then choose Retry.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>RAW format is not known yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your photo is kept as it is; it has no preview until the server was updated.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file arrived but is not a valid image</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the original and copy it again, then choose Retry.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The image is too large to open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Contact support if the photo is genuine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The check of this photo crashed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep the original and send the report to support.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not allowed by your organisation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ask your administrator whether this file may be sent.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shooting data could not be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preview could not be made</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Server disk is almost full</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Uploads wait and continue by themselves. Tell the owner of the server.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Server storage is not ready</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The stored copy is damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stored, but not in search yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The upload list is busy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The disk of this computer is full</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Free at least 250 MB; uploads continue by themselves.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The upload list had to be repaired</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Let Photolift check your folders again. Nothing on the server is lost.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your disk has stopped working properly</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back up this computer now.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The list belongs to a newer Photolift</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update Photolift.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Working more slowly: little memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close other programs to go faster.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The system keyring is not available</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unlock the keyring, or sign in for this session only.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No connection</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The server name was not found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the server address if this is the first use.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The server does not answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not secure: nothing was sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Do not continue. Call your administrator.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This network asks for a sign-in first</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a browser and sign in to this network.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The session had to be renewed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Signed out, or the account was closed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ask your administrator, then sign in again. Your queue is kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You have no right for this project</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ask its owner for access, then choose Retry.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The server asked to slow down</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The service is restarting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The server cannot do this now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your photo stays in the list. If this remains, send the report to support.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The server did not accept the request</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This is a defect of the program. Please send the report.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An update is needed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update Photolift. Your queue is kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edited on another device</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>When asked, choose which edit should stay.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The project was deleted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your files are kept on this computer. Choose another project.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The program did something unexpected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing was deleted. Please send the report.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Numbers</name>
    <message>
        <source>%1 TB</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 GB</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 MB</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 kB</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 bytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 MB/s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>less than 1 min</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 h</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>today %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>yesterday %1</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PhotoFacts</name>
    <message>
        <source>1/%1 s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 mm</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Taken</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Camera</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exposure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 × %2, %3</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Project</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Stages</name>
    <message>
        <source>Selection</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preprocessing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Initiation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Transfer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Verification</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reception</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Validation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Metadata</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Processing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Storage</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Indexing</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>photolift::ui::BatchDelegate</name>
    <message>
        <source>%1 done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 already there</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 cancelled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 skipped</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n photo(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Resume folder (Space)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause folder (Space)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop this folder (Del)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>photolift::ui::BatchListModel</name>
    <message numerus="yes">
        <source>Counting … %n so far</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>finished %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n photo(s) need you</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No photos in this folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All copied</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All safe on the server</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused by you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused, metered network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting for the connection</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>continues by itself</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting for its turn</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Working</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 of %2 done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 already there</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 failed</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>photolift::ui::DetailPane</name>
    <message>
        <source>Waiting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moving</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Trying again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Already there</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Skipped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Under way</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a photo to see its steps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attempts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Details of the photo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy report (Ctrl+Shift+C)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>in %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your other photos are not affected.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It continues by itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1. %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attempt %1: %2, %3</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>photolift::ui::DropArea</name>
    <message>
        <source>Choose folders</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose folders (Ctrl+O)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>into</source>
        <comment>folders go into a project</comment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>choose folders</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>paste copied files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New project…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Project: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drop folders of photos here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>RAW, JPEG, HEIC and TIFF, up to 2 GiB each. Photos that are already there are skipped.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>RAW, JPEG, HEIC and TIFF, up to 2 GiB each. Photos already on the server are skipped.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Let go to add these</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Let go to add %n folder(s) and single files</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Let go to add %n folder(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Let go to add %n file(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>They go into %1. Photos are counted as soon as you let go.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>photolift::ui::FooterBar</name>
    <message>
        <source>Originals are kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wi-Fi</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mobile network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wired network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stays on this computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, no internet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, strong signal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, medium signal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, weak signal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Limit %1 MB/s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No limit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set how fast photos are sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 MB/s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another limit…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Limit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send at most (MB/s):</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>photolift::ui::HeaderBar</name>
    <message>
        <source>Menu</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Menu (F10)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Connected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not reachable</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sign in again</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>photolift::ui::MainWindow</name>
    <message>
        <source>Uploads</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>About Photolift</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Photos are copied to %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every photo arrives, byte for byte, and you can see what became of each one.
Free software under the GNU General Public License, version 3 or later.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>photolift::ui::NoticeBar</name>
    <message>
        <source>Close message</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>photolift::ui::PhotoTable</name>
    <message>
        <source>Photos</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>photolift::ui::ProblemPanel</name>
    <message>
        <source>Retry</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Skip</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try this photo again (Ctrl+R)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>photolift::ui::RecentFolders</name>
    <message>
        <source>Recent folders</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All copied</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All safe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 not sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n photo(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>photolift::ui::RowWords</name>
    <message>
        <source>Sent – waits for the server to answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No connection – continues by itself</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused, metered network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused by you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preparing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sending</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checking the copy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Server is making previews</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ready – waits for the connection</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting for the same photo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Connection dropped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 – trying again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 – trying again in %2 s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 – trying again in %2 min</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Already there – skipped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Skipped by you – %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 megabytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>step %1 of %2 %3</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 percent</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>photolift::ui::StageTimeline</name>
    <message>
        <source>Stages</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not reached</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not needed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>under way</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Server</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n retry(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>photolift::ui::UploadTableModel</name>
    <message>
        <source>Picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>MB</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This computer · Server</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>MB/s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Status</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>photolift::ui::UploadsPage</name>
    <message numerus="yes">
        <source>%n photo(s) cancelled</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add folder…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paste copied files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find a photo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Retry selected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Retry all failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Clear finished</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next failed photo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Previous failed photo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show or hide details</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy row</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next pane</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Previous pane</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This folder first</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resume all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a folder of photos</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New project</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name of the project:</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Stop uploading %n photo(s)?</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The %n photo(s) already copied stay in %1.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The %n photo(s) already safe stay on the server.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Stop uploading</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep uploading</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>photolift::ui::VerdictWords</name>
    <message numerus="yes">
        <source>%1 of %n photo(s) are copied to %2</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n photo(s) are safe on the server</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>All %n photo(s) are copied to %1</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>All %n photo(s) are safe</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>%1 – trying again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 – trying again in %2 s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing is lost</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Nothing is lost. %1, %n continue(s) by themselves</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Not enough space for the copies</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not enough space on the server</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No connection</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused by you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing new is started until you resume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resume all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused, metered network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose Resume to upload anyway</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Counting %n photo(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>The upload starts by itself</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Uploading normally</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Uploading normally – about %1 left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>finished around %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Finished %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Clear finished</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ready – nothing is waiting</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Last upload: %1, %n photo(s), finished %2</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>No photo of these folders failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No photo is waiting for help</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing needs you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All others continue</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You can fix them while you wait</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All others wait</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All others have ended</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n photo(s) need you</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Show them</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>photolift::ui::WorkPage</name>
    <message>
        <source>Drop more folders anywhere in this window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folders</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show all folders</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add folder (Ctrl+O)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Needs you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moving</source>
        <comment>filter of photos</comment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Already there</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Skipped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which photos are shown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find a photo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find a photo (Ctrl+F)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>

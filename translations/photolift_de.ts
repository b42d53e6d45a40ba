<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en">
<context>
    <name>CommandLine</name>
    <message>
        <source>Keep everything of this program in DIR.</source>
        <translation>Alles von diesem Programm in ORDNER aufbewahren.</translation>
    </message>
    <message>
        <source>DIR</source>
        <translation>ORDNER</translation>
    </message>
    <message>
        <source>Folders and files to add at once.</source>
        <translation>Ordner und Dateien, die sofort dazukommen.</translation>
    </message>
    <message>
        <source>[PATH...]</source>
        <translation>[PFAD...]</translation>
    </message>
    <message>
        <source>Use the server of an organisation, with a list of its own.</source>
        <translation>Den Server einer Organisation verwenden, mit einer eigenen Liste.</translation>
    </message>
    <message>
        <source>The file that holds the device token for it (0600).</source>
        <translation>Die Datei mit dem Geräte-Token dafür (0600).</translation>
    </message>
    <message>
        <source>--server and --token-file go together</source>
        <translation>--server und --token-file gehören zusammen</translation>
    </message>
    <message>
        <source>--server needs an address such as https://photos.example.org</source>
        <translation>--server braucht eine Adresse wie https://photos.example.org</translation>
    </message>
    <message>
        <source>photos and the token leave this computer over https:// only</source>
        <translation>Fotos und Token verlassen diesen Computer nur über https://</translation>
    </message>
    <message>
        <source>one of the arguments is empty</source>
        <translation>eines der Argumente ist leer</translation>
    </message>
</context>
<context>
    <name>Errors</name>
    <message>
        <source>The file is no longer there</source>
        <translation>Die Datei ist nicht mehr da</translation>
    </message>
    <message>
        <source>Put the file back, or remove it from the list.</source>
        <translation>Legen Sie die Datei zurück oder nehmen Sie sie aus der Liste.</translation>
    </message>
    <message>
        <source>No permission to read the file</source>
        <translation>Keine Berechtigung, die Datei zu lesen</translation>
    </message>
    <message>
        <source>Check the permissions of the file and its folder.</source>
        <translation>Prüfen Sie die Zugriffsrechte der Datei und ihres Ordners.</translation>
    </message>
    <message>
        <source>Card was removed</source>
        <translation>Die Speicherkarte wurde entfernt</translation>
    </message>
    <message>
        <source>Insert it again. Copy the card before you format it.</source>
        <translation>Stecken Sie sie wieder ein. Kopieren Sie die Karte, bevor Sie sie formatieren.</translation>
    </message>
    <message>
        <source>File changed while it was being uploaded</source>
        <translation>Die Datei wurde während des Hochladens geändert</translation>
    </message>
    <message>
        <source>Waiting for the copy to finish</source>
        <translation>Wartet, bis die Datei fertig kopiert ist</translation>
    </message>
    <message>
        <source>The file is empty</source>
        <translation>Die Datei ist leer</translation>
    </message>
    <message>
        <source>Check the card and copy the photo again.</source>
        <translation>Prüfen Sie die Karte und kopieren Sie das Foto erneut.</translation>
    </message>
    <message>
        <source>This kind or size of file is not accepted</source>
        <translation>Diese Art oder Größe von Datei wird nicht angenommen</translation>
    </message>
    <message>
        <source>Send another format, or ask the owner of the server.</source>
        <translation>Senden Sie ein anderes Format oder fragen Sie den Betreiber des Servers.</translation>
    </message>
    <message>
        <source>A link or special file was skipped</source>
        <translation>Eine Verknüpfung oder Spezialdatei wurde übersprungen</translation>
    </message>
    <message>
        <source>The name is shown with substitutes</source>
        <translation>Der Name wird mit Ersatzzeichen angezeigt</translation>
    </message>
    <message>
        <source>Card or disk stopped answering</source>
        <translation>Karte oder Festplatte antwortet nicht mehr</translation>
    </message>
    <message>
        <source>Re-insert the card, then choose Retry. Copy the card before you format it.</source>
        <translation>Stecken Sie die Karte neu ein und wählen Sie dann „Erneut versuchen“. Kopieren Sie die Karte, bevor Sie sie formatieren.</translation>
    </message>
    <message>
        <source>Two reads gave different data</source>
        <translation>Zweimal gelesen, zweimal andere Daten</translation>
    </message>
    <message>
        <source>Do not erase the card. Try another reader or cable, then choose Retry.</source>
        <translation>Löschen Sie die Karte nicht. Nehmen Sie ein anderes Lesegerät oder Kabel und wählen Sie dann „Erneut versuchen“.</translation>
    </message>
    <message>
        <source>The photo could not be prepared as asked</source>
        <translation>Das Foto konnte nicht wie gewünscht vorbereitet werden</translation>
    </message>
    <message>
        <source>Nothing was sent. Change what the project asks for, or skip this photo.</source>
        <translation>Es wurde nichts gesendet. Ändern Sie die Vorgaben des Projekts oder überspringen Sie dieses Foto.</translation>
    </message>
    <message>
        <source>Sign-in expired during upload</source>
        <translation>Die Anmeldung ist während des Hochladens abgelaufen</translation>
    </message>
    <message>
        <source>Sign in again. Your queue is kept.</source>
        <translation>Melden Sie sich erneut an. Ihre Warteschlange bleibt erhalten.</translation>
    </message>
    <message>
        <source>Your storage is full</source>
        <translation>Ihr Speicherplatz ist voll</translation>
    </message>
    <message>
        <source>Free some space or ask for more; uploads continue by themselves.</source>
        <translation>Schaffen Sie Platz oder bitten Sie um mehr; das Hochladen geht von selbst weiter.</translation>
    </message>
    <message>
        <source>Transfer stops after 60 seconds</source>
        <translation>Die Übertragung bricht nach 60 Sekunden ab</translation>
    </message>
    <message>
        <source>Move closer to the access point or use a cable, then choose Retry.</source>
        <translation>Gehen Sie näher an den WLAN-Zugang oder nehmen Sie ein Kabel und wählen Sie dann „Erneut versuchen“.</translation>
    </message>
    <message>
        <source>Connection lost</source>
        <translation>Verbindung verloren</translation>
    </message>
    <message>
        <source>The upload link had expired</source>
        <translation>Der Link zum Hochladen war abgelaufen</translation>
    </message>
    <message>
        <source>Storage refused the upload</source>
        <translation>Der Speicher hat das Foto abgelehnt</translation>
    </message>
    <message>
        <source>Your photo stays in the list. Support must look at the server.</source>
        <translation>Ihr Foto bleibt in der Liste. Der Support muss den Server prüfen.</translation>
    </message>
    <message>
        <source>Storage is busy</source>
        <translation>Der Speicher ist ausgelastet</translation>
    </message>
    <message>
        <source>Data was damaged on the way</source>
        <translation>Daten wurden unterwegs beschädigt</translation>
    </message>
    <message>
        <source>It is sent again. If this comes back often, try another network.</source>
        <translation>Es wird noch einmal gesendet. Wenn das oft vorkommt, nehmen Sie ein anderes Netz.</translation>
    </message>
    <message>
        <source>The bytes were already on the server</source>
        <translation>Die Daten waren schon auf dem Server</translation>
    </message>
    <message>
        <source>The unfinished upload was cleaned up</source>
        <translation>Der unfertige Upload wurde aufgeräumt</translation>
    </message>
    <message>
        <source>Checksum did not match</source>
        <translation>Die Prüfsumme stimmt nicht</translation>
    </message>
    <message>
        <source>Do not erase the card. If it is not sent again by itself, choose Retry.</source>
        <translation>Löschen Sie die Karte nicht. Wird das Foto nicht von selbst neu gesendet, wählen Sie „Erneut versuchen“.</translation>
    </message>
    <message>
        <source>Parts of the upload are missing</source>
        <translation>Teile des Uploads fehlen</translation>
    </message>
    <message>
        <source>File is damaged: its end is missing</source>
        <translation>Die Datei ist beschädigt: das Ende fehlt</translation>
    </message>
    <message>
        <source>Copy it from the camera card again, then choose Retry.</source>
        <translation>Kopieren Sie die Datei erneut von der Speicherkarte und wählen Sie dann „Erneut versuchen“.</translation>
    </message>
    <message>
        <source>RAW format is not known yet</source>
        <translation>Dieses RAW-Format ist noch unbekannt</translation>
    </message>
    <message>
        <source>Your photo is kept as it is; it has no preview until the server was updated.</source>
        <translation>Ihr Foto bleibt, wie es ist; eine Vorschau gibt es erst, wenn der Server aktualisiert wurde.</translation>
    </message>
    <message>
        <source>The file arrived but is not a valid image</source>
        <translation>Die Datei ist angekommen, ist aber kein gültiges Bild</translation>
    </message>
    <message>
        <source>Check the original and copy it again, then choose Retry.</source>
        <translation>Prüfen Sie das Original, kopieren Sie es erneut und wählen Sie dann „Erneut versuchen“.</translation>
    </message>
    <message>
        <source>The image is too large to open</source>
        <translation>Das Bild ist zu groß zum Öffnen</translation>
    </message>
    <message>
        <source>Contact support if the photo is genuine.</source>
        <translation>Wenden Sie sich an den Support, wenn das Foto echt ist.</translation>
    </message>
    <message>
        <source>The check of this photo crashed</source>
        <translation>Die Prüfung dieses Fotos ist abgestürzt</translation>
    </message>
    <message>
        <source>Keep the original and send the report to support.</source>
        <translation>Behalten Sie das Original und senden Sie den Bericht an den Support.</translation>
    </message>
    <message>
        <source>Not allowed by your organisation</source>
        <translation>Von Ihrer Organisation nicht erlaubt</translation>
    </message>
    <message>
        <source>Ask your administrator whether this file may be sent.</source>
        <translation>Fragen Sie Ihre Administration, ob diese Datei gesendet werden darf.</translation>
    </message>
    <message>
        <source>Shooting data could not be read</source>
        <translation>Die Aufnahmedaten konnten nicht gelesen werden</translation>
    </message>
    <message>
        <source>Preview could not be made</source>
        <translation>Die Vorschau konnte nicht erstellt werden</translation>
    </message>
    <message>
        <source>Server disk is almost full</source>
        <translation>Die Festplatte des Servers ist fast voll</translation>
    </message>
    <message>
        <source>Uploads wait and continue by themselves. Tell the owner of the server.</source>
        <translation>Das Hochladen wartet und geht von selbst weiter. Sagen Sie dem Betreiber des Servers Bescheid.</translation>
    </message>
    <message>
        <source>Server storage is not ready</source>
        <translation>Der Speicher des Servers ist nicht bereit</translation>
    </message>
    <message>
        <source>The stored copy is damaged</source>
        <translation>Die gespeicherte Kopie ist beschädigt</translation>
    </message>
    <message>
        <source>Stored, but not in search yet</source>
        <translation>Gespeichert, aber noch nicht in der Suche</translation>
    </message>
    <message>
        <source>The upload list is busy</source>
        <translation>Die Upload-Liste ist beschäftigt</translation>
    </message>
    <message>
        <source>The disk of this computer is full</source>
        <translation>Die Festplatte dieses Computers ist voll</translation>
    </message>
    <message>
        <source>Free at least 250 MB; uploads continue by themselves.</source>
        <translation>Schaffen Sie mindestens 250 MB Platz; das Hochladen geht von selbst weiter.</translation>
    </message>
    <message>
        <source>The upload list had to be repaired</source>
        <translation>Die Upload-Liste musste repariert werden</translation>
    </message>
    <message>
        <source>Let Photolift check your folders again. Nothing on the server is lost.</source>
        <translation>Lassen Sie Photolift Ihre Ordner noch einmal prüfen. Auf dem Server ist nichts verloren.</translation>
    </message>
    <message>
        <source>Your disk has stopped working properly</source>
        <translation>Ihre Festplatte arbeitet nicht mehr richtig</translation>
    </message>
    <message>
        <source>Back up this computer now.</source>
        <translation>Sichern Sie jetzt diesen Computer.</translation>
    </message>
    <message>
        <source>The list belongs to a newer Photolift</source>
        <translation>Die Liste gehört zu einem neueren Photolift</translation>
    </message>
    <message>
        <source>Update Photolift.</source>
        <translation>Aktualisieren Sie Photolift.</translation>
    </message>
    <message>
        <source>Working more slowly: little memory</source>
        <translation>Langsamer unterwegs: wenig Arbeitsspeicher</translation>
    </message>
    <message>
        <source>Close other programs to go faster.</source>
        <translation>Schließen Sie andere Programme, damit es schneller geht.</translation>
    </message>
    <message>
        <source>The system keyring is not available</source>
        <translation>Der Schlüsselbund des Systems ist nicht verfügbar</translation>
    </message>
    <message>
        <source>Unlock the keyring, or sign in for this session only.</source>
        <translation>Entsperren Sie den Schlüsselbund oder melden Sie sich nur für diese Sitzung an.</translation>
    </message>
    <message>
        <source>No connection</source>
        <translation>Keine Verbindung</translation>
    </message>
    <message>
        <source>The server name was not found</source>
        <translation>Der Name des Servers wurde nicht gefunden</translation>
    </message>
    <message>
        <source>Check the server address if this is the first use.</source>
        <translation>Prüfen Sie die Adresse des Servers, wenn Sie ihn zum ersten Mal nutzen.</translation>
    </message>
    <message>
        <source>The server does not answer</source>
        <translation>Der Server antwortet nicht</translation>
    </message>
    <message>
        <source>Not secure: nothing was sent</source>
        <translation>Nicht sicher: es wurde nichts gesendet</translation>
    </message>
    <message>
        <source>Do not continue. Call your administrator.</source>
        <translation>Machen Sie nicht weiter. Rufen Sie Ihre Administration an.</translation>
    </message>
    <message>
        <source>This network asks for a sign-in first</source>
        <translation>Dieses Netz verlangt zuerst eine Anmeldung</translation>
    </message>
    <message>
        <source>Open a browser and sign in to this network.</source>
        <translation>Öffnen Sie einen Browser und melden Sie sich in diesem Netz an.</translation>
    </message>
    <message>
        <source>The session had to be renewed</source>
        <translation>Die Sitzung musste erneuert werden</translation>
    </message>
    <message>
        <source>Signed out, or the account was closed</source>
        <translation>Abgemeldet, oder das Konto wurde geschlossen</translation>
    </message>
    <message>
        <source>Ask your administrator, then sign in again. Your queue is kept.</source>
        <translation>Fragen Sie Ihre Administration und melden Sie sich dann erneut an. Ihre Warteschlange bleibt erhalten.</translation>
    </message>
    <message>
        <source>You have no right for this project</source>
        <translation>Sie haben kein Recht an diesem Projekt</translation>
    </message>
    <message>
        <source>Ask its owner for access, then choose Retry.</source>
        <translation>Bitten Sie den Besitzer um Zugang und wählen Sie dann „Erneut versuchen“.</translation>
    </message>
    <message>
        <source>The server asked to slow down</source>
        <translation>Der Server bittet um langsameres Senden</translation>
    </message>
    <message>
        <source>The service is restarting</source>
        <translation>Der Dienst startet gerade neu</translation>
    </message>
    <message>
        <source>The server cannot do this now</source>
        <translation>Der Server kann das gerade nicht</translation>
    </message>
    <message>
        <source>Your photo stays in the list. If this remains, send the report to support.</source>
        <translation>Ihr Foto bleibt in der Liste. Wenn es so bleibt, senden Sie den Bericht an den Support.</translation>
    </message>
    <message>
        <source>The server did not accept the request</source>
        <translation>Der Server hat die Anfrage nicht angenommen</translation>
    </message>
    <message>
        <source>This is a defect of the program. Please send the report.</source>
        <translation>Das ist ein Fehler des Programms. Bitte senden Sie den Bericht.</translation>
    </message>
    <message>
        <source>An update is needed</source>
        <translation>Eine Aktualisierung ist nötig</translation>
    </message>
    <message>
        <source>Update Photolift. Your queue is kept.</source>
        <translation>Aktualisieren Sie Photolift. Ihre Warteschlange bleibt erhalten.</translation>
    </message>
    <message>
        <source>Edited on another device</source>
        <translation>Auf einem anderen Gerät bearbeitet</translation>
    </message>
    <message>
        <source>When asked, choose which edit should stay.</source>
        <translation>Wählen Sie auf Nachfrage, welche Bearbeitung bleiben soll.</translation>
    </message>
    <message>
        <source>The project was deleted</source>
        <translation>Das Projekt wurde gelöscht</translation>
    </message>
    <message>
        <source>Your files are kept on this computer. Choose another project.</source>
        <translation>Ihre Dateien bleiben auf diesem Computer. Wählen Sie ein anderes Projekt.</translation>
    </message>
    <message>
        <source>The program did something unexpected</source>
        <translation>Das Programm hat etwas Unerwartetes getan</translation>
    </message>
    <message>
        <source>Nothing was deleted. Please send the report.</source>
        <translation>Es wurde nichts gelöscht. Bitte senden Sie den Bericht.</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>The disk with the copies is almost full</source>
        <translation>Die Festplatte mit den Kopien ist fast voll</translation>
    </message>
    <message>
        <source>The folder with the copies is not ready</source>
        <translation>Der Ordner mit den Kopien ist nicht bereit</translation>
    </message>
    <message>
        <source>Free some space; uploads continue by themselves.</source>
        <translation>Schaffen Sie Platz; das Hochladen geht von selbst weiter.</translation>
    </message>
    <message>
        <source>Check that its disk is connected; uploads continue by themselves.</source>
        <translation>Prüfen Sie, ob seine Festplatte angeschlossen ist; das Hochladen geht von selbst weiter.</translation>
    </message>
    <message>
        <source>Send it in another format.</source>
        <translation>Senden Sie es in einem anderen Format.</translation>
    </message>
    <message>
        <source>The photo could not be copied</source>
        <translation>Das Foto konnte nicht kopiert werden</translation>
    </message>
    <message>
        <source>Your photo stays in the list. Please send the report.</source>
        <translation>Ihr Foto bleibt in der Liste. Bitte senden Sie den Bericht.</translation>
    </message>
    <message>
        <source>The photo was copied before</source>
        <translation>Das Foto wurde schon kopiert</translation>
    </message>
    <message>
        <source>Your photo is kept as it is; it has no preview until Photolift was updated.</source>
        <translation>Ihr Foto bleibt, wie es ist; eine Vorschau hat es erst, wenn Photolift aktualisiert wurde.</translation>
    </message>
    <message>
        <source>Let Photolift check your folders again. No copy is lost.</source>
        <translation>Lassen Sie Photolift Ihre Ordner noch einmal prüfen. Keine Kopie ist verloren.</translation>
    </message>
    <message>
        <source>The server on this computer does not answer</source>
        <translation>Der Server auf diesem Computer antwortet nicht</translation>
    </message>
    <message>
        <source>The photo cannot be copied now</source>
        <translation>Das Foto kann gerade nicht kopiert werden</translation>
    </message>
    <message>
        <source>The server on this computer did not accept the request</source>
        <translation>Der Server auf diesem Computer hat die Anfrage nicht angenommen</translation>
    </message>
    <message>
        <source>The server on this computer is starting again</source>
        <translation>Der Server auf diesem Computer startet neu</translation>
    </message>
</context>
<context>
    <name>Numbers</name>
    <message>
        <source>%1 TB</source>
        <translation>%1 TB</translation>
    </message>
    <message>
        <source>%1 GB</source>
        <translation>%1 GB</translation>
    </message>
    <message>
        <source>%1 MB</source>
        <translation>%1 MB</translation>
    </message>
    <message>
        <source>%1 kB</source>
        <translation>%1 kB</translation>
    </message>
    <message>
        <source>%1 bytes</source>
        <translation>%1 Byte</translation>
    </message>
    <message>
        <source>%1 MB/s</source>
        <translation>%1 MB/s</translation>
    </message>
    <message>
        <source>&lt; %1 s</source>
        <translation>&lt; %1 s</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation>%1 min %2 s</translation>
    </message>
    <message>
        <source>less than 1 min</source>
        <translation>weniger als 1 min</translation>
    </message>
    <message>
        <source>%1 h</source>
        <translation>%1 h</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 min</translation>
    </message>
    <message>
        <source>today %1</source>
        <translation>heute %1</translation>
    </message>
    <message>
        <source>yesterday %1</source>
        <translation>gestern %1</translation>
    </message>
    <message>
        <source>d MMM yyyy</source>
        <comment>a date, in the letters of QDate::toString()</comment>
        <translation>d. MMM yyyy</translation>
    </message>
    <message>
        <source>d MMM</source>
        <comment>a date without its year</comment>
        <translation>d. MMM</translation>
    </message>
</context>
<context>
    <name>PhotoFacts</name>
    <message>
        <source>1/%1 s</source>
        <translation>1/%1 s</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 mm</source>
        <translation>%1 mm</translation>
    </message>
    <message>
        <source>Taken</source>
        <translation>Aufgenommen</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Lens</source>
        <translation>Objektiv</translation>
    </message>
    <message>
        <source>Exposure</source>
        <translation>Belichtung</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>%1 × %2, %3</source>
        <translation>%1 × %2, %3</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
</context>
<context>
    <name>Roles</name>
    <message>
        <source>photographer</source>
        <translation>Fotografie</translation>
    </message>
    <message>
        <source>coordinator</source>
        <translation>Koordination</translation>
    </message>
    <message>
        <source>support</source>
        <translation>Support</translation>
    </message>
    <message>
        <source>analyst</source>
        <translation>Auswertung</translation>
    </message>
    <message>
        <source>administrator</source>
        <translation>Administration</translation>
    </message>
</context>
<context>
    <name>Stages</name>
    <message>
        <source>Selection</source>
        <translation>Auswahl</translation>
    </message>
    <message>
        <source>Preprocessing</source>
        <translation>Vorverarbeitung</translation>
    </message>
    <message>
        <source>Initiation</source>
        <translation>Anmeldung</translation>
    </message>
    <message>
        <source>Transfer</source>
        <translation>Übertragung</translation>
    </message>
    <message>
        <source>Verification</source>
        <translation>Gegenprüfung</translation>
    </message>
    <message>
        <source>Reception</source>
        <translation>Empfang</translation>
    </message>
    <message>
        <source>Validation</source>
        <translation>Dateiprüfung</translation>
    </message>
    <message>
        <source>Metadata</source>
        <translation>Metadaten</translation>
    </message>
    <message>
        <source>Processing</source>
        <translation>Verarbeitung</translation>
    </message>
    <message>
        <source>Storage</source>
        <translation>Speicherung</translation>
    </message>
    <message>
        <source>Indexing</source>
        <translation>Indexierung</translation>
    </message>
</context>
<context>
    <name>Start</name>
    <message>
        <source>Another Photolift uses this list</source>
        <translation>Ein anderes Photolift benutzt diese Liste</translation>
    </message>
    <message>
        <source>Close the other one, then start Photolift again.</source>
        <translation>Schließen Sie das andere und starten Sie Photolift dann neu.</translation>
    </message>
    <message>
        <source>Free at least 250 MB, then start Photolift again.</source>
        <translation>Geben Sie mindestens 250 MB frei und starten Sie Photolift dann neu.</translation>
    </message>
    <message>
        <source>There is too little memory to start</source>
        <translation>Der Arbeitsspeicher reicht zum Starten nicht aus</translation>
    </message>
    <message>
        <source>Close other programs, then start Photolift again.</source>
        <translation>Schließen Sie andere Programme und starten Sie Photolift dann neu.</translation>
    </message>
    <message>
        <source>The upload list is damaged and could not be repaired</source>
        <translation>Die Upload-Liste ist beschädigt und konnte nicht repariert werden</translation>
    </message>
    <message>
        <source>Your photos and what has arrived are untouched. Please send the report.</source>
        <translation>Ihre Fotos und was angekommen ist sind unverändert. Bitte senden Sie den Bericht.</translation>
    </message>
    <message>
        <source>Photolift cannot use its folder</source>
        <translation>Photolift kann seinen Ordner nicht benutzen</translation>
    </message>
    <message>
        <source>Check that %1 can be written to and that its disk works, then start Photolift again.</source>
        <translation>Prüfen Sie, ob in %1 geschrieben werden darf und ob der Datenträger in Ordnung ist, und starten Sie Photolift dann neu.</translation>
    </message>
</context>
<context>
    <name>photolift::ui::BatchDelegate</name>
    <message>
        <source>%1 done</source>
        <translation>%1 fertig</translation>
    </message>
    <message>
        <source>%1 already there</source>
        <translation>%1 schon vorhanden</translation>
    </message>
    <message>
        <source>%1 failed</source>
        <translation>%1 fehlgeschlagen</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>%1 übrig</translation>
    </message>
    <message>
        <source>%1 cancelled</source>
        <translation>%1 abgebrochen</translation>
    </message>
    <message>
        <source>%1 skipped</source>
        <translation>%1 übersprungen</translation>
    </message>
    <message>
        <source>Resume folder (Space)</source>
        <translation>Ordner fortsetzen (Leertaste)</translation>
    </message>
    <message>
        <source>Pause folder (Space)</source>
        <translation>Ordner anhalten (Leertaste)</translation>
    </message>
    <message>
        <source>Stop this folder (Del)</source>
        <translation>Diesen Ordner stoppen (Entf)</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln Foto</numerusform>
            <numerusform>%Ln Fotos</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>photolift::ui::BatchListModel</name>
    <message>
        <source>finished %1</source>
        <translation>fertig %1</translation>
    </message>
    <message>
        <source>Paused by you</source>
        <translation>Von Ihnen angehalten</translation>
    </message>
    <message>
        <source>Paused, metered network</source>
        <translation>Angehalten, getaktetes Netz</translation>
    </message>
    <message>
        <source>Waiting for the connection</source>
        <translation>Wartet auf die Verbindung</translation>
    </message>
    <message>
        <source>continues by itself</source>
        <translation>geht von selbst weiter</translation>
    </message>
    <message>
        <source>Waiting for its turn</source>
        <translation>Wartet, bis es an der Reihe ist</translation>
    </message>
    <message>
        <source>Not enough space for the copies</source>
        <translation>Nicht genug Platz für die Kopien</translation>
    </message>
    <message>
        <source>starts in %1</source>
        <translation>beginnt in %1</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>noch %1</translation>
    </message>
    <message>
        <source>Working</source>
        <translation>In Arbeit</translation>
    </message>
    <message>
        <source>%1 of %2 done</source>
        <translation>%1 von %2 fertig</translation>
    </message>
    <message>
        <source>%1 already there</source>
        <translation>%1 schon vorhanden</translation>
    </message>
    <message>
        <source>%1 failed</source>
        <translation>%1 fehlgeschlagen</translation>
    </message>
    <message numerus="yes">
        <source>Counting … %Ln so far</source>
        <translation>
            <numerusform>Zählt … bisher %Ln</numerusform>
            <numerusform>Zählt … bisher %Ln</numerusform>
        </translation>
    </message>
    <message>
        <source>All sent – the copies are being checked</source>
        <translation>Alles gesendet – die Kopien werden geprüft</translation>
    </message>
</context>
<context>
    <name>photolift::ui::ConnectDialog</name>
    <message>
        <source>Connect to a server</source>
        <translation>Mit einem Server verbinden</translation>
    </message>
    <message>
        <source>The person who runs the server gives you its address and a device token.</source>
        <translation>Wer den Server betreibt, gibt Ihnen seine Adresse und ein Geräte-Token.</translation>
    </message>
    <message>
        <source>Server address</source>
        <translation>Adresse des Servers</translation>
    </message>
    <message>
        <source>Device token</source>
        <translation>Geräte-Token</translation>
    </message>
    <message>
        <source>Photolift keeps the token in the system keyring, never in a file.</source>
        <translation>Photolift bewahrt das Token im Schlüsselbund des Systems auf, nie in einer Datei.</translation>
    </message>
    <message>
        <source>Each server has a list of its own: what waits for one is never sent to another, and goes on when you come back to it.</source>
        <translation>Jeder Server hat eine eigene Liste: Was auf einen wartet, geht nie an einen anderen und läuft weiter, wenn Sie zu ihm zurückkehren.</translation>
    </message>
    <message>
        <source>Connect</source>
        <translation>Verbinden</translation>
    </message>
    <message>
        <source>Not asked yet</source>
        <translation>Noch nicht gefragt</translation>
    </message>
    <message>
        <source>The server is asked as soon as both are there.</source>
        <translation>Der Server wird gefragt, sobald beides da ist.</translation>
    </message>
    <message>
        <source>This is no address of a server</source>
        <translation>Das ist keine Adresse eines Servers</translation>
    </message>
    <message>
        <source>It looks like photos.example.org.</source>
        <translation>Sie sieht aus wie photos.example.org.</translation>
    </message>
    <message>
        <source>This address is not secure</source>
        <translation>Diese Adresse ist nicht sicher</translation>
    </message>
    <message>
        <source>Photos and the token would be open to everybody on the way. Use an address with https://.</source>
        <translation>Fotos und Token wären unterwegs für alle lesbar. Verwenden Sie eine Adresse mit https://.</translation>
    </message>
    <message>
        <source>Asking the server</source>
        <translation>Der Server wird gefragt</translation>
    </message>
    <message>
        <source>The token is not accepted</source>
        <translation>Das Token wird nicht angenommen</translation>
    </message>
    <message>
        <source>Check that all of it is there. It may have expired or been revoked: your administrator gives you a new one.</source>
        <translation>Prüfen Sie, ob es vollständig ist. Vielleicht ist es abgelaufen oder gesperrt: Ein neues bekommen Sie von Ihrer Administration.</translation>
    </message>
    <message>
        <source>This token is not for uploading photos</source>
        <translation>Dieses Token ist nicht zum Hochladen von Fotos</translation>
    </message>
    <message>
        <source>Connected</source>
        <translation>Verbunden</translation>
    </message>
    <message>
        <source>Connect for this session only</source>
        <translation>Nur für diese Sitzung verbinden</translation>
    </message>
    <message>
        <source>It is that of %1 (%2). Ask your administrator for a token of a photographer.</source>
        <translation>Es ist das von %1 (%2). Bitten Sie Ihre Administration um das Token einer Fotografin oder eines Fotografen.</translation>
    </message>
    <message>
        <source>The server knows you as %1 (%2).</source>
        <translation>Der Server kennt Sie als %1 (%2).</translation>
    </message>
</context>
<context>
    <name>photolift::ui::DetailPane</name>
    <message>
        <source>Waiting</source>
        <translation>Wartet</translation>
    </message>
    <message>
        <source>Moving</source>
        <translation>Unterwegs</translation>
    </message>
    <message>
        <source>Trying again</source>
        <translation>Neuer Versuch</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Fehlgeschlagen</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Already there</source>
        <translation>Schon vorhanden</translation>
    </message>
    <message>
        <source>Skipped</source>
        <translation>Übersprungen</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Choose a photo to see its steps</source>
        <translation>Wählen Sie ein Foto, um seine Schritte zu sehen</translation>
    </message>
    <message>
        <source>Attempts</source>
        <translation>Versuche</translation>
    </message>
    <message>
        <source>Details of the photo</source>
        <translation>Einzelheiten des Fotos</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>Bericht kopieren</translation>
    </message>
    <message>
        <source>Copy report (Ctrl+Shift+C)</source>
        <translation>Bericht kopieren (Strg+Umschalt+C)</translation>
    </message>
    <message>
        <source>in %1</source>
        <translation>in %1</translation>
    </message>
    <message>
        <source>Your other photos are not affected.</source>
        <translation>Ihre anderen Fotos sind nicht betroffen.</translation>
    </message>
    <message>
        <source>It continues by itself.</source>
        <translation>Es geht von selbst weiter.</translation>
    </message>
    <message>
        <source>%1. %2</source>
        <translation>%1. %2</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
</context>
<context>
    <name>photolift::ui::DropArea</name>
    <message>
        <source>Choose folders</source>
        <translation>Ordner wählen</translation>
    </message>
    <message>
        <source>Choose folders (Ctrl+O)</source>
        <translation>Ordner wählen (Strg+O)</translation>
    </message>
    <message>
        <source>into</source>
        <comment>folders go into a project</comment>
        <translation>in</translation>
    </message>
    <message>
        <source>Ctrl</source>
        <translation>Strg</translation>
    </message>
    <message>
        <source>choose folders</source>
        <translation>Ordner wählen</translation>
    </message>
    <message>
        <source>paste copied files</source>
        <translation>kopierte Dateien einfügen</translation>
    </message>
    <message>
        <source>New project…</source>
        <translation>Neues Projekt …</translation>
    </message>
    <message>
        <source>Project: %1</source>
        <translation>Projekt: %1</translation>
    </message>
    <message>
        <source>Drop folders of photos here</source>
        <translation>Ordner mit Fotos hierher ziehen</translation>
    </message>
    <message>
        <source>RAW, JPEG, HEIC and TIFF, up to 2 GiB each. Photos that are already there are skipped.</source>
        <translation>RAW, JPEG, HEIC und TIFF, jeweils bis 2 GiB. Schon vorhandene Fotos werden übersprungen.</translation>
    </message>
    <message>
        <source>RAW, JPEG, HEIC and TIFF, up to 2 GiB each. Photos already on the server are skipped.</source>
        <translation>RAW, JPEG, HEIC und TIFF, jeweils bis 2 GiB. Fotos, die schon auf dem Server sind, werden übersprungen.</translation>
    </message>
    <message>
        <source>Let go to add these</source>
        <translation>Loslassen, um sie hinzuzufügen</translation>
    </message>
    <message>
        <source>The photos go into %1 and are counted as soon as you let go.</source>
        <translation>Die Fotos kommen in %1 und werden gezählt, sobald Sie loslassen.</translation>
    </message>
    <message numerus="yes">
        <source>Let go to add %Ln folder(s) and single files</source>
        <translation>
            <numerusform>Loslassen, um %Ln Ordner und einzelne Dateien hinzuzufügen</numerusform>
            <numerusform>Loslassen, um %Ln Ordner und einzelne Dateien hinzuzufügen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Let go to add %Ln folder(s)</source>
        <translation>
            <numerusform>Loslassen, um %Ln Ordner hinzuzufügen</numerusform>
            <numerusform>Loslassen, um %Ln Ordner hinzuzufügen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Let go to add %Ln file(s)</source>
        <translation>
            <numerusform>Loslassen, um %Ln Datei hinzuzufügen</numerusform>
            <numerusform>Loslassen, um %Ln Dateien hinzuzufügen</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>photolift::ui::FolderWords</name>
    <message numerus="yes">
        <source>%Ln photo(s) need you</source>
        <translation>
            <numerusform>%Ln Foto braucht Ihre Hilfe</numerusform>
            <numerusform>%Ln Fotos brauchen Ihre Hilfe</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln skipped file(s) deserve(s) a look</source>
        <translation>
            <numerusform>%Ln übersprungene Datei sollten Sie ansehen</numerusform>
            <numerusform>%Ln übersprungene Dateien sollten Sie ansehen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln folder(s) or file(s) could not be read</source>
        <translation>
            <numerusform>%Ln Ordner oder Datei war nicht lesbar</numerusform>
            <numerusform>%Ln Ordner oder Dateien waren nicht lesbar</numerusform>
        </translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>%1 not sent</source>
        <translation>%1 nicht gesendet</translation>
    </message>
    <message>
        <source>No photos in this folder</source>
        <translation>Keine Fotos in diesem Ordner</translation>
    </message>
    <message>
        <source>All copied</source>
        <translation>Alles kopiert</translation>
    </message>
    <message>
        <source>All safe on the server</source>
        <translation>Alles sicher auf dem Server</translation>
    </message>
</context>
<context>
    <name>photolift::ui::FooterBar</name>
    <message>
        <source>Originals are kept</source>
        <translation>Originale bleiben erhalten</translation>
    </message>
    <message>
        <source>Wi-Fi</source>
        <translation>WLAN</translation>
    </message>
    <message>
        <source>Mobile network</source>
        <translation>Mobilfunk</translation>
    </message>
    <message>
        <source>Wired network</source>
        <translation>Kabelnetz</translation>
    </message>
    <message>
        <source>Stays on this computer</source>
        <translation>Bleibt auf diesem Computer</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>No network</source>
        <translation>Kein Netz</translation>
    </message>
    <message>
        <source>%1, no internet</source>
        <translation>%1, kein Internet</translation>
    </message>
    <message>
        <source>%1, strong signal</source>
        <translation>%1, starkes Signal</translation>
    </message>
    <message>
        <source>%1, medium signal</source>
        <translation>%1, mittleres Signal</translation>
    </message>
    <message>
        <source>%1, weak signal</source>
        <translation>%1, schwaches Signal</translation>
    </message>
    <message>
        <source>Limit %1 MB/s</source>
        <translation>Grenze %1 MB/s</translation>
    </message>
    <message>
        <source>No limit</source>
        <translation>Keine Grenze</translation>
    </message>
    <message>
        <source>%1 MB/s</source>
        <translation>%1 MB/s</translation>
    </message>
    <message>
        <source>Another limit…</source>
        <translation>Andere Grenze …</translation>
    </message>
    <message>
        <source>Limit</source>
        <translation>Grenze</translation>
    </message>
    <message>
        <source>Send at most (MB/s):</source>
        <translation>Höchstens senden (MB/s):</translation>
    </message>
    <message>
        <source>%1 – set how fast photos are sent</source>
        <translation>%1 – festlegen, wie schnell Fotos gesendet werden</translation>
    </message>
</context>
<context>
    <name>photolift::ui::HeaderBar</name>
    <message>
        <source>Menu</source>
        <translation>Menü</translation>
    </message>
    <message>
        <source>Menu (F10)</source>
        <translation>Menü (F10)</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>Verbindet</translation>
    </message>
    <message>
        <source>Connected</source>
        <translation>Verbunden</translation>
    </message>
    <message>
        <source>Not reachable</source>
        <translation>Nicht erreichbar</translation>
    </message>
    <message>
        <source>Sign in again</source>
        <translation>Erneut anmelden</translation>
    </message>
    <message>
        <source>Update needed</source>
        <translation>Aktualisierung nötig</translation>
    </message>
</context>
<context>
    <name>photolift::ui::MainWindow</name>
    <message>
        <source>Uploads</source>
        <translation>Uploads</translation>
    </message>
    <message>
        <source>About Photolift</source>
        <translation>Über Photolift</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>This computer</source>
        <translation>Dieser Computer</translation>
    </message>
    <message>
        <source>Photos are copied to %1</source>
        <translation>Fotos werden nach %1 kopiert</translation>
    </message>
    <message>
        <source>Every photo arrives, byte for byte, and you can see what became of each one.
Free software under the GNU General Public License, version 3 or later.</source>
        <translation>Jedes Foto kommt an, Byte für Byte, und Sie sehen, was aus jedem geworden ist.
Freie Software unter der GNU General Public License, Version 3 oder neuer.</translation>
    </message>
    <message>
        <source>Connect to a server…</source>
        <translation>Mit einem Server verbinden …</translation>
    </message>
    <message>
        <source>Use this computer only</source>
        <translation>Nur diesen Computer verwenden</translation>
    </message>
    <message>
        <source>Signed in as %1 (%2)</source>
        <translation>Angemeldet als %1 (%2)</translation>
    </message>
</context>
<context>
    <name>photolift::ui::NoticeBar</name>
    <message>
        <source>Close message</source>
        <translation>Meldung schließen</translation>
    </message>
</context>
<context>
    <name>photolift::ui::PhotoActs</name>
    <message>
        <source>None of the selected photos can be retried</source>
        <translation>Keines der ausgewählten Fotos kann erneut versucht werden</translation>
    </message>
    <message>
        <source>None of the selected photos can be cancelled any more</source>
        <translation>Keines der ausgewählten Fotos kann noch abgebrochen werden</translation>
    </message>
    <message>
        <source>Nothing was copied</source>
        <translation>Nichts wurde kopiert</translation>
    </message>
    <message>
        <source>The list of photos cannot be read right now.</source>
        <translation>Die Liste der Fotos lässt sich gerade nicht lesen.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln row(s) copied to the clipboard</source>
        <translation>
            <numerusform>%Ln Zeile in die Zwischenablage kopiert</numerusform>
            <numerusform>%Ln Zeilen in die Zwischenablage kopiert</numerusform>
        </translation>
    </message>
    <message>
        <source>The folder cannot be shown</source>
        <translation>Der Ordner lässt sich nicht zeigen</translation>
    </message>
    <message>
        <source>It is %1</source>
        <translation>Es ist %1</translation>
    </message>
</context>
<context>
    <name>photolift::ui::PhotoMenu</name>
    <message>
        <source>Retry selected</source>
        <translation>Ausgewählte erneut versuchen</translation>
    </message>
    <message numerus="yes">
        <source>Retry all %Ln photo(s) with this problem</source>
        <translation>
            <numerusform>%Ln Foto mit diesem Problem erneut versuchen</numerusform>
            <numerusform>Alle %Ln Fotos mit diesem Problem erneut versuchen</numerusform>
        </translation>
    </message>
    <message>
        <source>Skip selected</source>
        <translation>Ausgewählte überspringen</translation>
    </message>
    <message>
        <source>Cancel selected</source>
        <translation>Ausgewählte abbrechen</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message numerus="yes">
        <source>Resume %Ln folder(s)</source>
        <translation>
            <numerusform>%Ln Ordner fortsetzen</numerusform>
            <numerusform>%Ln Ordner fortsetzen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Pause %Ln folder(s)</source>
        <translation>
            <numerusform>%Ln Ordner anhalten</numerusform>
            <numerusform>%Ln Ordner anhalten</numerusform>
        </translation>
    </message>
    <message>
        <source>Retry %1 of %2 selected</source>
        <translation>%1 von %2 ausgewählten erneut versuchen</translation>
    </message>
    <message>
        <source>Skip %1 of %2 selected</source>
        <translation>%1 von %2 ausgewählten überspringen</translation>
    </message>
    <message>
        <source>Cancel %1 of %2 selected</source>
        <translation>%1 von %2 ausgewählten abbrechen</translation>
    </message>
</context>
<context>
    <name>photolift::ui::PhotoReport</name>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Already there</source>
        <translation>Vorhanden</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Fehlgeschlagen</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Under way</source>
        <translation>Unterwegs</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1 ms</translation>
    </message>
    <message numerus="yes">
        <source>%Ln retry(s)</source>
        <translation>
            <numerusform>%Ln Wiederholung</numerusform>
            <numerusform>%Ln Wiederholungen</numerusform>
        </translation>
    </message>
    <message>
        <source>Attempt %1: %2, %3</source>
        <translation>Versuch %1: %2, %3</translation>
    </message>
</context>
<context>
    <name>photolift::ui::PhotoTable</name>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
</context>
<context>
    <name>photolift::ui::ProblemPanel</name>
    <message>
        <source>Retry</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>Überspringen</translation>
    </message>
    <message>
        <source>Try this photo again (Ctrl+R)</source>
        <translation>Dieses Foto erneut versuchen (Strg+R)</translation>
    </message>
    <message numerus="yes">
        <source>Retry all %Ln photo(s) with this problem</source>
        <translation>
            <numerusform>%Ln Foto mit diesem Problem erneut versuchen</numerusform>
            <numerusform>Alle %Ln Fotos mit diesem Problem erneut versuchen</numerusform>
        </translation>
    </message>
    <message>
        <source>Retry all %L1 like this</source>
        <translation>Alle %L1 dieser Art erneut versuchen</translation>
    </message>
</context>
<context>
    <name>photolift::ui::RecentFolders</name>
    <message>
        <source>Recent folders</source>
        <translation>Letzte Ordner</translation>
    </message>
    <message>
        <source>All safe</source>
        <translation>Alles sicher</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln Foto</numerusform>
            <numerusform>%Ln Fotos</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>photolift::ui::RowWords</name>
    <message>
        <source>Sent – waits for the server to answer</source>
        <translation>Gesendet – wartet auf Antwort des Servers</translation>
    </message>
    <message>
        <source>No connection – continues by itself</source>
        <translation>Keine Verbindung – geht von selbst weiter</translation>
    </message>
    <message>
        <source>Paused, metered network</source>
        <translation>Angehalten, getaktetes Netz</translation>
    </message>
    <message>
        <source>Paused by you</source>
        <translation>Von Ihnen angehalten</translation>
    </message>
    <message>
        <source>Preparing</source>
        <translation>Wird vorbereitet</translation>
    </message>
    <message>
        <source>Sending</source>
        <translation>Wird gesendet</translation>
    </message>
    <message>
        <source>Checking the copy</source>
        <translation>Kopie wird geprüft</translation>
    </message>
    <message>
        <source>Server is making previews</source>
        <translation>Server erstellt Vorschauen</translation>
    </message>
    <message>
        <source>Ready – waits for the connection</source>
        <translation>Bereit – wartet auf die Verbindung</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Wartet</translation>
    </message>
    <message>
        <source>Connection dropped</source>
        <translation>Verbindung weg</translation>
    </message>
    <message>
        <source>%1 – trying again</source>
        <translation>%1 – neuer Versuch</translation>
    </message>
    <message>
        <source>%1 – trying again in %2 s</source>
        <translation>%1 – neuer Versuch in %2 s</translation>
    </message>
    <message>
        <source>%1 – trying again in %2 min</source>
        <translation>%1 – neuer Versuch in %2 min</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Already there – skipped</source>
        <translation>Schon vorhanden – übersprungen</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Skipped by you – %1</source>
        <translation>Von Ihnen übersprungen – %1</translation>
    </message>
    <message>
        <source>%1 megabytes</source>
        <translation>%1 Megabyte</translation>
    </message>
    <message>
        <source>step %1 of %2 %3</source>
        <translation>Schritt %1 von %2 %3</translation>
    </message>
    <message>
        <source>%1 percent</source>
        <translation>%1 Prozent</translation>
    </message>
    <message>
        <source>Too late to cancel – %1</source>
        <translation>Zu spät zum Abbrechen – %1</translation>
    </message>
    <message>
        <source>Done – it was too late to cancel</source>
        <translation>Fertig – zum Abbrechen war es zu spät</translation>
    </message>
</context>
<context>
    <name>photolift::ui::StageTimeline</name>
    <message>
        <source>Stages</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>failed, %1</source>
        <translation>fehlgeschlagen, %1</translation>
    </message>
    <message>
        <source>not reached</source>
        <translation>nicht erreicht</translation>
    </message>
    <message>
        <source>not needed</source>
        <translation>nicht nötig</translation>
    </message>
    <message>
        <source>under way</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>This computer</source>
        <translation>Dieser Computer</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message numerus="yes">
        <source>%Ln retry(s)</source>
        <translation>
            <numerusform>%Ln Wiederholung</numerusform>
            <numerusform>%Ln Wiederholungen</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>photolift::ui::UploadTableModel</name>
    <message>
        <source>Picture</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>MB</source>
        <translation>MB</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>This computer · Server</source>
        <translation>Dieser Computer · Server</translation>
    </message>
    <message>
        <source>Sent</source>
        <translation>Gesendet</translation>
    </message>
    <message>
        <source>MB/s</source>
        <translation>MB/s</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Status</translation>
    </message>
</context>
<context>
    <name>photolift::ui::UploadsController</name>
    <message>
        <source>The server on this computer stops again and again</source>
        <translation>Der Server auf diesem Computer bricht immer wieder ab</translation>
    </message>
    <message>
        <source>Your photos wait in the list. For the report: %1</source>
        <translation>Ihre Fotos warten in der Liste. Für den Bericht: %1</translation>
    </message>
</context>
<context>
    <name>photolift::ui::UploadsPage</name>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Add folder…</source>
        <translation>Ordner hinzufügen …</translation>
    </message>
    <message>
        <source>Paste copied files</source>
        <translation>Kopierte Dateien einfügen</translation>
    </message>
    <message>
        <source>Find a photo</source>
        <translation>Foto suchen</translation>
    </message>
    <message>
        <source>Pause all</source>
        <translation>Alle anhalten</translation>
    </message>
    <message>
        <source>Retry selected</source>
        <translation>Ausgewählte erneut versuchen</translation>
    </message>
    <message>
        <source>Retry all failed</source>
        <translation>Alle fehlgeschlagenen erneut versuchen</translation>
    </message>
    <message>
        <source>Clear finished</source>
        <translation>Fertige ausblenden</translation>
    </message>
    <message>
        <source>Next failed photo</source>
        <translation>Nächstes fehlgeschlagenes Foto</translation>
    </message>
    <message>
        <source>Previous failed photo</source>
        <translation>Voriges fehlgeschlagenes Foto</translation>
    </message>
    <message>
        <source>Show or hide details</source>
        <translation>Einzelheiten ein- oder ausblenden</translation>
    </message>
    <message>
        <source>Copy row</source>
        <translation>Zeile kopieren</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>Bericht kopieren</translation>
    </message>
    <message>
        <source>Next pane</source>
        <translation>Nächster Bereich</translation>
    </message>
    <message>
        <source>Previous pane</source>
        <translation>Voriger Bereich</translation>
    </message>
    <message>
        <source>This folder first</source>
        <translation>Dieser Ordner zuerst</translation>
    </message>
    <message>
        <source>Choose a folder of photos</source>
        <translation>Einen Ordner mit Fotos wählen</translation>
    </message>
    <message>
        <source>New project</source>
        <translation>Neues Projekt</translation>
    </message>
    <message>
        <source>Name of the project:</source>
        <translation>Name des Projekts:</translation>
    </message>
    <message>
        <source>Stop uploading</source>
        <translation>Hochladen stoppen</translation>
    </message>
    <message>
        <source>Keep uploading</source>
        <translation>Weiter hochladen</translation>
    </message>
    <message>
        <source>Too late to cancel</source>
        <translation>Zu spät zum Abbrechen</translation>
    </message>
    <message>
        <source>The photos are on their way through the server and run to their end.</source>
        <translation>Die Fotos sind schon beim Server und laufen bis zum Ende durch.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) cancelled</source>
        <translation>
            <numerusform>%Ln Foto abgebrochen</numerusform>
            <numerusform>%Ln Fotos abgebrochen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Stop uploading %Ln photo(s)?</source>
        <translation>
            <numerusform>Hochladen von %Ln Foto stoppen?</numerusform>
            <numerusform>Hochladen von %Ln Fotos stoppen?</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The %Ln photo(s) already copied stay in %1.</source>
        <translation>
            <numerusform>Das %Ln schon kopierte Foto bleibt in %1.</numerusform>
            <numerusform>Die %Ln schon kopierten Fotos bleiben in %1.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The %Ln photo(s) already safe stay on the server.</source>
        <translation>
            <numerusform>Das %Ln schon gesicherte Foto bleibt auf dem Server.</numerusform>
            <numerusform>Die %Ln schon gesicherten Fotos bleiben auf dem Server.</numerusform>
        </translation>
    </message>
    <message>
        <source>The folder is not counted any further. Undo counts it again.</source>
        <translation>Der Ordner wird nicht weiter gezählt. „Rückgängig“ zählt ihn wieder.</translation>
    </message>
    <message>
        <source>Asked for already – takes effect by itself as soon as it can be written to the disk of this computer</source>
        <translation>Schon vorgemerkt – wirkt von selbst, sobald es auf die Festplatte dieses Computers geschrieben werden kann</translation>
    </message>
    <message>
        <source>No photo needs you</source>
        <translation>Kein Foto braucht Sie</translation>
    </message>
    <message>
        <source>No folder has finished yet</source>
        <translation>Noch kein Ordner ist fertig</translation>
    </message>
</context>
<context>
    <name>photolift::ui::VerdictWords</name>
    <message>
        <source>%1 – trying again</source>
        <translation>%1 – neuer Versuch</translation>
    </message>
    <message>
        <source>%1 – trying again in %2 s</source>
        <translation>%1 – neuer Versuch in %2 s</translation>
    </message>
    <message>
        <source>Nothing is lost</source>
        <translation>Nichts ist verloren</translation>
    </message>
    <message>
        <source>Not enough space for the copies</source>
        <translation>Nicht genug Platz für die Kopien</translation>
    </message>
    <message>
        <source>Not enough space on the server</source>
        <translation>Nicht genug Platz auf dem Server</translation>
    </message>
    <message>
        <source>%1 needed, %2 free in %3. Free some space; uploads continue by themselves.</source>
        <translation>%1 nötig, %2 frei in %3. Schaffen Sie Platz; das Hochladen geht von selbst weiter.</translation>
    </message>
    <message>
        <source>Free some space on the disk of %1; uploads continue by themselves.</source>
        <translation>Schaffen Sie Platz auf der Festplatte von %1; das Hochladen geht von selbst weiter.</translation>
    </message>
    <message>
        <source>Try now</source>
        <translation>Jetzt versuchen</translation>
    </message>
    <message>
        <source>No connection</source>
        <translation>Keine Verbindung</translation>
    </message>
    <message>
        <source>Paused by you</source>
        <translation>Von Ihnen angehalten</translation>
    </message>
    <message>
        <source>Nothing new is started until you resume</source>
        <translation>Neues beginnt erst, wenn Sie fortsetzen</translation>
    </message>
    <message>
        <source>Resume all</source>
        <translation>Alle fortsetzen</translation>
    </message>
    <message>
        <source>Paused, metered network</source>
        <translation>Angehalten, getaktetes Netz</translation>
    </message>
    <message>
        <source>Goes on by itself in another network</source>
        <translation>Geht in einem anderen Netz von selbst weiter</translation>
    </message>
    <message>
        <source>Upload anyway</source>
        <translation>Trotzdem hochladen</translation>
    </message>
    <message>
        <source>The upload starts by itself</source>
        <translation>Das Hochladen beginnt von selbst</translation>
    </message>
    <message>
        <source>Pause all</source>
        <translation>Alle anhalten</translation>
    </message>
    <message>
        <source>Uploading normally</source>
        <translation>Upload läuft normal</translation>
    </message>
    <message>
        <source>Uploading normally – about %1 left</source>
        <translation>Upload läuft – noch etwa %1</translation>
    </message>
    <message>
        <source>finished around %1</source>
        <translation>fertig gegen %1 Uhr</translation>
    </message>
    <message>
        <source>Finished %1</source>
        <translation>Fertig %1</translation>
    </message>
    <message>
        <source>Clear finished</source>
        <translation>Fertige ausblenden</translation>
    </message>
    <message>
        <source>Ready – nothing is waiting</source>
        <translation>Bereit – nichts wartet</translation>
    </message>
    <message>
        <source>No photo of these folders failed</source>
        <translation>Kein Foto dieser Ordner ist fehlgeschlagen</translation>
    </message>
    <message>
        <source>No photo is waiting for help</source>
        <translation>Kein Foto wartet auf Hilfe</translation>
    </message>
    <message>
        <source>Nothing needs you</source>
        <translation>Nichts braucht Ihre Hilfe</translation>
    </message>
    <message>
        <source>All others continue</source>
        <translation>Alle anderen laufen weiter</translation>
    </message>
    <message>
        <source>You can fix them while you wait</source>
        <translation>Sie können sie in der Wartezeit beheben</translation>
    </message>
    <message>
        <source>All others wait</source>
        <translation>Alle anderen warten</translation>
    </message>
    <message>
        <source>All others have ended</source>
        <translation>Alle anderen sind erledigt</translation>
    </message>
    <message>
        <source>Show them</source>
        <translation>Anzeigen</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %Ln photo(s) are copied to %2</source>
        <translation>
            <numerusform>%1 von %Ln Foto ist nach %2 kopiert</numerusform>
            <numerusform>%1 von %Ln Fotos sind nach %2 kopiert</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %Ln photo(s) are safe on the server</source>
        <translation>
            <numerusform>%1 von %Ln Foto ist sicher auf dem Server</numerusform>
            <numerusform>%1 von %Ln Fotos sind sicher auf dem Server</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>All %Ln photo(s) are copied to %1</source>
        <translation>
            <numerusform>Das Foto ist nach %1 kopiert</numerusform>
            <numerusform>Alle %Ln Fotos sind nach %1 kopiert</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>All %Ln photo(s) are safe</source>
        <translation>
            <numerusform>Das Foto ist sicher</numerusform>
            <numerusform>Alle %Ln Fotos sind sicher</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Nothing is lost. %1, %Ln continue(s) by themselves</source>
        <translation>
            <numerusform>Nichts ist verloren. %1, %Ln läuft von selbst weiter</numerusform>
            <numerusform>Nichts ist verloren. %1, %Ln laufen von selbst weiter</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Counting %Ln photo(s)</source>
        <translation>
            <numerusform>Zählt, bisher %Ln Foto</numerusform>
            <numerusform>Zählt, bisher %Ln Fotos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Last upload: %1, %Ln photo(s), finished %2</source>
        <translation>
            <numerusform>Letzter Upload: %1, %Ln Foto, fertig %2</numerusform>
            <numerusform>Letzter Upload: %1, %Ln Fotos, fertig %2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) need you</source>
        <translation>
            <numerusform>%Ln Foto braucht Ihre Hilfe</numerusform>
            <numerusform>%Ln Fotos brauchen Ihre Hilfe</numerusform>
        </translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Startet</translation>
    </message>
    <message>
        <source>Your list of photos is opened</source>
        <translation>Ihre Liste der Fotos wird geöffnet</translation>
    </message>
    <message numerus="yes">
        <source>%Ln folder(s) or file(s) could not be read</source>
        <translation>
            <numerusform>%Ln Ordner oder Datei war nicht lesbar</numerusform>
            <numerusform>%Ln Ordner oder Dateien waren nicht lesbar</numerusform>
        </translation>
    </message>
    <message>
        <source>Sign in again</source>
        <translation>Neu anmelden</translation>
    </message>
    <message>
        <source>The upload list is damaged</source>
        <translation>Die Upload-Liste ist beschädigt</translation>
    </message>
    <message>
        <source>Close Photolift and start it again: it repairs the list then. Your photos and what has arrived are untouched.</source>
        <translation>Schließen Sie Photolift und starten Sie es neu: Dann repariert es die Liste. Ihre Fotos und was angekommen ist, bleiben unberührt.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln skipped file(s) deserve(s) a look</source>
        <translation>
            <numerusform>%Ln übersprungene Datei sollten Sie ansehen</numerusform>
            <numerusform>%Ln übersprungene Dateien sollten Sie ansehen</numerusform>
        </translation>
    </message>
    <message>
        <source>Empty, too large, or a photo only by name</source>
        <translation>Leer, zu groß oder nur dem Namen nach ein Foto</translation>
    </message>
    <message>
        <source>All sent – the copies are being checked</source>
        <translation>Alles gesendet – die Kopien werden geprüft</translation>
    </message>
    <message>
        <source>Waiting for the server</source>
        <translation>Wartet auf den Server</translation>
    </message>
    <message>
        <source>Uploading normally – less than a minute left</source>
        <translation>Upload läuft – noch weniger als eine Minute</translation>
    </message>
</context>
<context>
    <name>photolift::ui::WorkPage</name>
    <message>
        <source>Drop more folders anywhere in this window</source>
        <translation>Weitere Ordner einfach in dieses Fenster ziehen</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Show all folders</source>
        <translation>Alle Ordner zeigen</translation>
    </message>
    <message>
        <source>Add folder</source>
        <translation>Ordner hinzufügen</translation>
    </message>
    <message>
        <source>Add folder (Ctrl+O)</source>
        <translation>Ordner hinzufügen (Strg+O)</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Needs you</source>
        <translation>Hilfe nötig</translation>
    </message>
    <message>
        <source>Moving</source>
        <comment>filter of photos</comment>
        <translation>Unterwegs</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Wartend</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Already there</source>
        <translation>Vorhanden</translation>
    </message>
    <message>
        <source>Skipped</source>
        <translation>Übersprungen</translation>
    </message>
    <message>
        <source>Which photos are shown</source>
        <translation>Welche Fotos gezeigt werden</translation>
    </message>
    <message>
        <source>Find a photo</source>
        <translation>Foto suchen</translation>
    </message>
    <message>
        <source>Find a photo (Ctrl+F)</source>
        <translation>Foto suchen (Strg+F)</translation>
    </message>
</context>
</TS>

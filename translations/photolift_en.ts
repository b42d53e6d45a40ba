<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_GB" sourcelanguage="en">
<context>
    <name>photolift::ui::BatchDelegate</name>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln photo</numerusform>
            <numerusform>%Ln photos</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>photolift::ui::BatchListModel</name>
    <message numerus="yes">
        <source>Counting … %Ln so far</source>
        <translation>
            <numerusform>Counting … %Ln so far</numerusform>
            <numerusform>Counting … %Ln so far</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>photolift::ui::DropArea</name>
    <message numerus="yes">
        <source>Let go to add %Ln folder(s) and single files</source>
        <translation>
            <numerusform>Let go to add %Ln folder and single files</numerusform>
            <numerusform>Let go to add %Ln folders and single files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Let go to add %Ln folder(s)</source>
        <translation>
            <numerusform>Let go to add %Ln folder</numerusform>
            <numerusform>Let go to add %Ln folders</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Let go to add %Ln file(s)</source>
        <translation>
            <numerusform>Let go to add %Ln file</numerusform>
            <numerusform>Let go to add %Ln files</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>photolift::ui::FolderWords</name>
    <message numerus="yes">
        <source>%Ln photo(s) need you</source>
        <translation>
            <numerusform>%Ln photo needs you</numerusform>
            <numerusform>%Ln photos need you</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln skipped file(s) deserve(s) a look</source>
        <translation>
            <numerusform>%Ln skipped file deserves a look</numerusform>
            <numerusform>%Ln skipped files deserve a look</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln folder(s) or file(s) could not be read</source>
        <translation>
            <numerusform>%Ln folder or file could not be read</numerusform>
            <numerusform>%Ln folders or files could not be read</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>photolift::ui::PhotoActs</name>
    <message numerus="yes">
        <source>%Ln row(s) copied to the clipboard</source>
        <translation>
            <numerusform>%Ln row copied to the clipboard</numerusform>
            <numerusform>%Ln rows copied to the clipboard</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>photolift::ui::PhotoMenu</name>
    <message numerus="yes">
        <source>Retry all %Ln photo(s) with this problem</source>
        <translation>
            <numerusform>Retry %Ln photo with this problem</numerusform>
            <numerusform>Retry all %Ln photos with this problem</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Resume %Ln folder(s)</source>
        <translation>
            <numerusform>Resume %Ln folder</numerusform>
            <numerusform>Resume %Ln folders</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Pause %Ln folder(s)</source>
        <translation>
            <numerusform>Pause %Ln folder</numerusform>
            <numerusform>Pause %Ln folders</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>photolift::ui::PhotoReport</name>
    <message numerus="yes">
        <source>%Ln retry(s)</source>
        <translation>
            <numerusform>%Ln retry</numerusform>
            <numerusform>%Ln retries</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>photolift::ui::ProblemPanel</name>
    <message numerus="yes">
        <source>Retry all %Ln photo(s) with this problem</source>
        <translation>
            <numerusform>Retry %Ln photo with this problem</numerusform>
            <numerusform>Retry all %Ln photos with this problem</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>photolift::ui::RecentFolders</name>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln photo</numerusform>
            <numerusform>%Ln photos</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>photolift::ui::StageTimeline</name>
    <message numerus="yes">
        <source>%Ln retry(s)</source>
        <translation>
            <numerusform>%Ln retry</numerusform>
            <numerusform>%Ln retries</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>photolift::ui::UploadsPage</name>
    <message numerus="yes">
        <source>%Ln photo(s) cancelled</source>
        <translation>
            <numerusform>%Ln photo cancelled</numerusform>
            <numerusform>%Ln photos cancelled</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Stop uploading %Ln photo(s)?</source>
        <translation>
            <numerusform>Stop uploading %Ln photo?</numerusform>
            <numerusform>Stop uploading %Ln photos?</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The %Ln photo(s) already copied stay in %1.</source>
        <translation>
            <numerusform>The %Ln photo already copied stays in %1.</numerusform>
            <numerusform>The %Ln photos already copied stay in %1.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The %Ln photo(s) already safe stay on the server.</source>
        <translation>
            <numerusform>The %Ln photo already safe stays on the server.</numerusform>
            <numerusform>The %Ln photos already safe stay on the server.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>photolift::ui::VerdictWords</name>
    <message numerus="yes">
        <source>%1 of %Ln photo(s) are copied to %2</source>
        <translation>
            <numerusform>%1 of %Ln photo is copied to %2</numerusform>
            <numerusform>%1 of %Ln photos are copied to %2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %Ln photo(s) are safe on the server</source>
        <translation>
            <numerusform>%1 of %Ln photo is safe on the server</numerusform>
            <numerusform>%1 of %Ln photos are safe on the server</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>All %Ln photo(s) are copied to %1</source>
        <translation>
            <numerusform>The photo is copied to %1</numerusform>
            <numerusform>All %Ln photos are copied to %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>All %Ln photo(s) are safe</source>
        <translation>
            <numerusform>The photo is safe</numerusform>
            <numerusform>All %Ln photos are safe</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Nothing is lost. %1, %Ln continue(s) by themselves</source>
        <translation>
            <numerusform>Nothing is lost. %1, %Ln continues by itself</numerusform>
            <numerusform>Nothing is lost. %1, %Ln continue by themselves</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Counting %Ln photo(s)</source>
        <translation>
            <numerusform>Counting %Ln photo</numerusform>
            <numerusform>Counting %Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Last upload: %1, %Ln photo(s), finished %2</source>
        <translation>
            <numerusform>Last upload: %1, %Ln photo, finished %2</numerusform>
            <numerusform>Last upload: %1, %Ln photos, finished %2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) need you</source>
        <translation>
            <numerusform>%Ln photo needs you</numerusform>
            <numerusform>%Ln photos need you</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln folder(s) or file(s) could not be read</source>
        <translation>
            <numerusform>%Ln folder or file could not be read</numerusform>
            <numerusform>%Ln folders or files could not be read</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln skipped file(s) deserve(s) a look</source>
        <translation>
            <numerusform>%Ln skipped file deserves a look</numerusform>
            <numerusform>%Ln skipped files deserve a look</numerusform>
        </translation>
    </message>
</context>
</TS>

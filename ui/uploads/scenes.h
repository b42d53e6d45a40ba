#pragma once

#include <QImage>

namespace photolift::ui {

/// Small landscapes painted by hand, for the fan of pictures in the drop area: no photo of anybody is shipped.
enum class Scene { Forest, Aurora, Harbour, Evening, Sunset, Dunes };
inline constexpr int SceneCount = 6;
QImage paintScene(Scene scene, QSize pixels);

} // namespace photolift::ui
